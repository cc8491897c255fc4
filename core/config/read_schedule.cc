#include "config/read_schedule.h"

#include <algorithm>
#include <functional>

#include "config/own_type.h"
#include "config/schedule_keys.h"

namespace generalizer {
namespace {

ScheduleSpec::Kind kind_of(const std::string& type) {
  const std::vector<OwnType>& types = schedule_types();
  const auto found = std::find_if(types.begin(), types.end(), [&](const OwnType& t) { return t.name == type; });
  return static_cast<ScheduleSpec::Kind>(found - types.begin());
}

/// The drops of a step schedule come one after the other, and are given in one way.
void check_drops(const TypedSpec& schedule, const std::string& label, Diagnostics& found) {
  const Parameters& values = schedule.parameters;
  if (!values.has("at")) return;
  if (values.has("every")) {
    found.add(values.where("at"), label + " has both \"every\" and \"at\"; one of them says when the rate drops",
              "remove one of the two");
  }
  const std::vector<double> at = values.numbers("at");
  if (at.empty() || std::adjacent_find(at.begin(), at.end(), std::greater_equal<>()) != at.end()) {
    found.add(values.where("at"),
              "\"at\" in " + label + " must be epochs that rise, found " +
                  (at.empty() ? "an empty list" : "one that is no later than the one before it"),
              "such as at = [30, 60, 80]");
  }
}

}  // namespace

ScheduleSpec read_schedule(const TomlNode& node, const std::string& label, const TableContext& context) {
  ScheduleSpec schedule;
  const auto read = read_own_type(node, schedule_types(), "schedule", label, context);
  if (!read) return schedule;
  const Parameters& values = read->parameters;
  schedule.kind = kind_of(read->type.text);
  const auto take = [&](const char* key, double& member) {
    if (values.has(key)) member = values.number(key);
  };
  take("warmup", schedule.warmup);
  take("every", schedule.every);
  take("factor", schedule.factor);
  take("minimum", schedule.minimum);
  take("peak", schedule.peak);
  take("start", schedule.start);
  take("minimum_change", schedule.minimum_change);
  if (values.has("at")) schedule.at = values.numbers("at");
  if (values.has("patience")) schedule.patience = values.integer("patience");
  if (values.has("monitor")) schedule.monitor = values.string("monitor");
  check_drops(*read, label, context.found);
  return schedule;
}

}  // namespace generalizer
