#include "sweep/plan.h"

#include "context.h"
#include "terminal/format.h"

namespace generalizer {
namespace {

std::vector<std::string> texts_of(const Combination& combination) {
  std::vector<std::string> texts;
  for (const Variation& assignment : combination) texts.push_back(assignment.text());
  return texts;
}

Combination combination_from(const std::vector<std::string>& texts) {
  Combination combination;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    combination.push_back(
        {text.substr(0, equals), equals == std::string::npos ? "" : text.substr(equals + 1)});
  }
  return combination;
}

/// A value of the plan as a message shows it.
std::string shown(const nlohmann::ordered_json& value) {
  if (value.is_string()) return value.get<std::string>().empty() ? "none" : value.get<std::string>();
  if (value.is_boolean()) return value.get<bool>() ? "yes" : "no";
  if (value.empty()) return "none";
  if (!value.is_array()) return value.dump();
  std::vector<std::string> parts;
  for (const auto& part : value) parts.push_back(part.is_string() ? part.get<std::string>() : part.dump());
  return join(parts, ", ");
}

}  // namespace

nlohmann::ordered_json to_json(const SweepPlan& plan) {
  nlohmann::ordered_json json;
  json["folder"] = plan.folder;
  json["graph"] = plan.graph;
  json["set"] = plan.sets;
  json["backend"] = plan.backend;
  json["plugin_path"] = plan.plugin_paths;
  json["over"] = nlohmann::ordered_json::object();
  for (const Axis& axis : plan.axes) json["over"][axis.key] = axis.values;
  json["cases"] = nlohmann::ordered_json::array();
  for (const Combination& one : plan.cases) json["cases"].push_back(texts_of(one));
  json["seeds"] = plan.seeds;
  json["audit"] = plan.audit;
  json["audit_args"] = plan.audit_arguments;
  json["baseline"] = texts_of(plan.baseline);
  return json;
}

SweepPlan plan_from_json(const nlohmann::ordered_json& json, const std::string& file) {
  try {
    SweepPlan plan;
    json.at("folder").get_to(plan.folder);
    json.at("graph").get_to(plan.graph);
    json.at("set").get_to(plan.sets);
    json.at("backend").get_to(plan.backend);
    json.at("plugin_path").get_to(plan.plugin_paths);
    for (const auto& [key, values] : json.at("over").items())
      plan.axes.push_back({key, values.get<std::vector<std::string>>()});
    for (const auto& one : json.at("cases"))
      plan.cases.push_back(combination_from(one.get<std::vector<std::string>>()));
    json.at("seeds").get_to(plan.seeds);
    json.at("audit").get_to(plan.audit);
    json.at("audit_args").get_to(plan.audit_arguments);
    plan.baseline = combination_from(json.at("baseline").get<std::vector<std::string>>());
    return plan;
  } catch (const nlohmann::json::exception& error) {
    throw DataError(file + " does not say what its sweep is (" + error.what() +
                    "). Begin anew in another folder with --out.");
  }
}

void require_same(const SweepPlan& held, const SweepPlan& asked, const std::string& out) {
  const nlohmann::ordered_json before = to_json(held), now = to_json(asked);
  std::string differences;
  for (const auto& [key, value] : now.items()) {
    // Where it was started from matters only to relative paths, and the graph's is absolute.
    if (key == "folder" || before.at(key) == value) continue;
    differences += "\n  " + key + ": " + shown(before.at(key)) + " there, " + shown(value) + " asked for";
  }
  if (differences.empty()) return;
  throw UsageError(out + " holds another sweep:" + differences +
                   "\nGo on with it by `generalizer sweep --resume " + out +
                   "`, or choose another folder with --out.");
}

}  // namespace generalizer
