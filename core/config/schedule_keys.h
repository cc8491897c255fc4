#pragma once

#include <vector>

#include "config/keys.h"

namespace generalizer {

/// The learning-rate schedules, in the order of `ScheduleSpec::Kind`.
const std::vector<OwnType>& schedule_types();

}  // namespace generalizer
