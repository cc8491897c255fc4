// The ONNX project's cases of its operators against our ops, on the backend under test (conformance/target.h says how it is named).
#include <algorithm>
#include <cmath>
#include <fstream>
#include <set>
#include <sstream>

#include "cases.h"
#include "catch.h"
#include "conformance/target.h"
#include "places.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

constexpr double usual_tolerance = 1e-5;  // of the largest element, or of 1 where all are smaller

bool agree(double found, double expected, double allowed) {
  if (std::isnan(expected)) return std::isnan(found);
  return found == expected || std::abs(found - expected) <= allowed;
}

/// What is wrong with an output; empty where nothing is.
std::string disagreement(const Array& found, const Array& expected, double tolerance) {
  if (found.shape() != expected.shape())
    return "its shape is " + found.shape().to_string() + " and should be " + expected.shape().to_string();
  double scale = 1.0;
  for (const double number : expected.numbers())
    if (std::isfinite(number)) scale = std::max(scale, std::abs(number));
  const double allowed = is_floating(found.type().dtype) ? tolerance * scale : 0.0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (agree(found.get(i), expected.get(i), allowed)) continue;
    std::ostringstream text;
    text << "element " << i << " of " << to_string(found.type()) << " is " << found.get(i)
         << " and should be " << expected.get(i);
    return text.str();
  }
  return {};
}

void check_case(Session& session, const json& entry) {
  // What converts between the floating types needs both, and is the same whichever the test runs in.
  if (entry.at("exact").get<bool>() && target().floating != DType::f64) return;
  INFO("ONNX's case " << entry.at("name"));
  const double tolerance = entry.value("tolerance", usual_tolerance);
  try {
    OnnxCase made = build_onnx_case(entry, target().floating);
    const Arrays found = run(session, made.program, made.given);
    for (std::size_t i = 0; i < made.expected.size(); ++i) {
      INFO("output " << i);
      CHECK(disagreement(found.at(std::to_string(i)), made.expected[i], tolerance) == "");
    }
  } catch (const std::exception& error) {
    FAIL_CHECK(error.what());
  }
}

/// The cells of the report's tables, row by row, without headings.
std::vector<std::vector<std::string>> report_rows() {
  std::ifstream stream(project_folder() + "/docs/onnx.md");
  REQUIRE(stream.good());
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("| ") || line.starts_with("| ---")) continue;
    std::vector<std::string> cells;
    std::istringstream cut(line.substr(2));
    for (std::string cell; std::getline(cut, cell, '|');) {
      const std::size_t begin = std::min(cell.find_first_not_of(' '), cell.size());
      cells.push_back(cell.substr(begin, cell.find_last_not_of(' ') + 1 - begin));
    }
    rows.push_back(std::move(cells));
  }
  return rows;
}

}  // namespace

TEST_CASE("ONNX's cases give the outputs that they expect", "[backend]") {
  const std::unique_ptr<Session> session = open_session();
  if (!session) return;
  for (const json& entry : onnx_document().at("cases")) check_case(*session, entry);
}

TEST_CASE("each of ONNX's 1884 cases is translated once or left out once") {
  std::set<std::string> names;
  std::size_t count = onnx_document().at("cases").size();
  for (const json& entry : onnx_document().at("cases")) names.insert(entry.at("name"));
  for (const json& reason : onnx_document().at("left_out")) {
    count += reason.at("cases").size();
    for (const json& name : reason.at("cases")) names.insert(name);
  }
  CHECK(count == 1884);
  CHECK(names.size() == count);
}

TEST_CASE("docs/onnx.md counts what the fixture of ONNX's cases holds") {
  std::map<std::string, std::size_t> own, definitions, left_out;
  std::size_t out = 0;
  for (const json& entry : onnx_document().at("cases"))
    ++(entry.at("body").get<bool>() ? definitions : own)[entry.at("operator")];
  for (const json& reason : onnx_document().at("left_out")) {
    left_out[reason.at("why")] += reason.at("cases").size();
    out += reason.at("cases").size();
  }
  const std::size_t apply = onnx_document().at("cases").size();
  std::map<std::string, std::size_t> totals{
      {"all", apply + out}, {"apply, and pass", apply}, {"do not apply", out}};
  std::size_t seen = 0;
  for (const std::vector<std::string>& row : report_rows()) {
    if (row[0] == "cases" || row[0] == "operator" || row[0] == "why") continue;  // headings
    INFO("the row of " << row[0]);
    if (totals.contains(row[0])) {
      CHECK(row[1] == std::to_string(totals[row[0]]));
    } else if (left_out.contains(row[0])) {
      CHECK(row[1] == std::to_string(left_out[row[0]]));
      ++seen;
    } else {
      CHECK(row[1] == std::to_string(own[row[0]]));
      CHECK(row[2] == std::to_string(definitions[row[0]]));
      ++seen;
    }
  }
  std::set<std::string> rows;
  for (const auto* counts : {&own, &definitions, &left_out})
    for (const auto& [name, number] : *counts) rows.insert(name);
  CHECK(seen == rows.size());
}
