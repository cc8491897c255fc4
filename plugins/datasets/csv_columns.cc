#include "csv_columns.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "input_file.h"

namespace generalizer {
namespace {

/// Whether the first record is a header. Of [data] `header` = "auto" it is one when it names the labels' column, when more than one of its fields is no number,
/// or when one is and has a number below it: a single word that has words below may be a label.
bool begins_with_header(const Parameters& data, const std::vector<CsvField>& first,
                        const std::vector<CsvField>& second) {
  if (!data.is_string("header")) return data.boolean("header");
  const std::string label = !data.has("label")        ? "label"
                            : data.is_string("label") ? data.string("label")
                                                      : "";
  int words = 0;
  for (std::size_t i = 0; i < first.size(); ++i) {
    if (number_in(first[i].text)) continue;
    const std::string_view text = trimmed(first[i].text);
    if (!text.empty() && text == label) return true;
    if (i < second.size() && number_in(second[i].text)) return true;
    ++words;
  }
  return words > 1;
}

std::size_t column_called(const Parameters& data, const char* key, const std::string& name,
                          const CsvColumns& columns, const std::string& path) {
  const std::string begin = "\"" + std::string(key) + "\" in [data] names the column \"" + name + "\", and ";
  if (!columns.has_header()) {
    throw GraphError(data.where(key), begin + path + " has no header to name its columns",
                     "give the column's place, counted from 0: " + std::string(key) +
                         (std::string(key) == "label" ? " = 0" : " = [0]") + "; or set header = true");
  }
  const auto found = std::find(columns.names.begin(), columns.names.end(), name);
  if (found != columns.names.end()) return static_cast<std::size_t>(found - columns.names.begin());
  const std::string near = nearest_name(name, columns.names);
  throw GraphError(
      data.where(key),
      begin + path + " has none of this name" + (near.empty() ? "" : "; did you mean \"" + near + "\"?"),
      "its columns: " + listed(columns.names));
}

std::size_t column_at(const Parameters& data, const char* key, std::int64_t place, const CsvColumns& columns,
                      const std::string& path) {
  const auto count = static_cast<std::int64_t>(columns.count);
  if (place >= -count && place < count) return static_cast<std::size_t>(place < 0 ? place + count : place);
  throw GraphError(data.where(key),
                   "\"" + std::string(key) + "\" in [data] is column " + std::to_string(place) + ", and " +
                       path + " has " + std::to_string(count) + (count == 1 ? " column" : " columns"),
                   "columns count from 0, and -1 is the last");
}

std::optional<std::size_t> label_column(const Parameters& data, const CsvColumns& columns,
                                        const std::string& path) {
  if (data.has("label") && !data.is_string("label"))
    return column_at(data, "label", data.integer("label"), columns, path);
  if (data.has("label")) {
    if (data.string("label").empty()) return std::nullopt;
    return column_called(data, "label", data.string("label"), columns, path);
  }
  if (!columns.has_header()) return 0;
  const auto found = std::find(columns.names.begin(), columns.names.end(), "label");
  if (found != columns.names.end()) return static_cast<std::size_t>(found - columns.names.begin());
  throw DataError("No column of " + path +
                  " is called \"label\". Name the labels' column with [data] `label`, or set label = \"\" "
                  "when neither file has " +
                  "labels (a file for a competition's answers often has none: keep part of the training file "
                  "as the test set). Its columns: " +
                  listed(columns.names) + ".");
}

/// The columns that a list under `key` names, by their names or by their places.
std::vector<std::size_t> listed_columns(const Parameters& data, const char* key, const CsvColumns& columns,
                                        const std::string& path) {
  std::vector<std::size_t> found;
  if (std::holds_alternative<std::vector<std::string>>(data.value(key))) {
    for (const std::string& name : data.strings(key)) found.push_back(column_called(data, key, name, columns, path));
  } else {
    for (const std::int64_t place : data.integers(key)) found.push_back(column_at(data, key, place, columns, path));
  }
  return found;
}

bool holds(const std::vector<std::size_t>& columns, std::size_t column) {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

/// A column of further labels is neither the labels' own nor named twice.
void check_extras(const Parameters& data, const CsvColumns& columns) {
  for (std::size_t i = 0; i < columns.extras.size(); ++i) {
    const std::size_t column = columns.extras[i];
    const bool twice = holds({columns.extras.begin(), columns.extras.begin() + static_cast<std::ptrdiff_t>(i)}, column);
    if (!twice && columns.label != column) continue;
    throw GraphError(data.where("extra_labels"),
                     "\"extra_labels\" in [data] names " + columns.describe(column) +
                         (twice ? " twice" : ", which holds the labels themselves"),
                     "name columns of other labels, each once");
  }
}

}  // namespace

std::string CsvColumns::describe(std::size_t column) const {
  if (column < names.size()) return "column \"" + names[column] + "\"";
  return "column " + std::to_string(column) + " (counted from 0)";
}

CsvColumns columns_of(const Parameters& data, const CsvFile& file, const std::vector<CsvField>& first,
                      const std::vector<CsvField>& second) {
  CsvColumns columns;
  columns.count = first.size();
  if (begins_with_header(data, first, second)) {
    for (const CsvField& field : first) columns.names.emplace_back(trimmed(field.text));
  }
  columns.label = label_column(data, columns, file.path());
  columns.extras = listed_columns(data, "extra_labels", columns, file.path());
  check_extras(data, columns);
  const std::vector<std::size_t> ignored = listed_columns(data, "ignore", columns, file.path());
  for (std::size_t i = 0; i < columns.count; ++i) {
    if (columns.label != i && !holds(columns.extras, i) && !holds(ignored, i)) columns.pixels.push_back(i);
  }
  if (columns.pixels.empty()) {
    throw DataError(
        "The file " + file.path() + " has " + std::to_string(columns.count) +
        (columns.count == 1 ? " column" : " columns") +
        " and none for pixels. Are its fields separated by something other than [data] `delimiter`?");
  }
  return columns;
}

CsvColumns columns_in(const Parameters& data, const std::string& path) {
  CsvFile file(path, data.string("delimiter").front());
  std::vector<CsvField> first;
  std::vector<CsvField> second;
  file.first(first);
  file.next(second);
  return columns_of(data, file, first, second);
}

std::optional<double> number_in(std::string_view text) {
  text = trimmed(text);
  if (text.size() > 1 && text.front() == '+' && text[1] != '-') text.remove_prefix(1);
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(number)) return std::nullopt;
  return number;
}

}  // namespace generalizer
