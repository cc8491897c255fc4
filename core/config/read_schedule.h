#pragma once

#include <string>

#include "config/check.h"
#include "config/graph_spec.h"

namespace generalizer {

/// A schedule, by its name or as a table with `type` and that type's keys. `label` is what messages call it; mistakes are reported.
ScheduleSpec read_schedule(const TomlNode& node, const std::string& label, const TableContext& context);

}  // namespace generalizer
