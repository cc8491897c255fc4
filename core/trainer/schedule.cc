#include "trainer/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace generalizer {
namespace {

/// From `from` to `to` as t goes from 0 to 1, level at both ends.
double half_cosine(double from, double to, double t) {
  return to + (from - to) * (1.0 + std::cos(std::numbers::pi * std::clamp(t, 0.0, 1.0))) / 2.0;
}

/// Whole steps don't add up to whole epochs exactly.
constexpr double rounding = 1e-9;

double drops(const ScheduleSpec& schedule, double epochs) {
  if (schedule.at.empty()) return std::floor(epochs / schedule.every + rounding);
  return static_cast<double>(std::count_if(schedule.at.begin(), schedule.at.end(),
                                           [&](double at) { return epochs + rounding >= at; }));
}

double one_cycle(const ScheduleSpec& schedule, double epochs, double total) {
  const double peak = schedule.peak * total;
  if (epochs < peak) return half_cosine(schedule.start, 1.0, epochs / peak);
  return half_cosine(1.0, schedule.minimum, total > peak ? (epochs - peak) / (total - peak) : 1.0);
}

}  // namespace

double schedule_factor(const ScheduleSpec& schedule, double epochs, double total, double step_size) {
  using Kind = ScheduleSpec::Kind;
  if (schedule.kind == Kind::one_cycle) return one_cycle(schedule, epochs, total);
  const bool warming = epochs + rounding < schedule.warmup;
  double factor = 1.0;
  if (schedule.kind == Kind::step) factor = std::pow(schedule.factor, drops(schedule, epochs));
  if (schedule.kind == Kind::cosine && !warming) {
    const double length = total - schedule.warmup;
    factor = half_cosine(1.0, schedule.minimum, length > 0.0 ? (epochs - schedule.warmup) / length : 1.0);
  }
  return warming ? factor * std::min((epochs + step_size) / schedule.warmup, 1.0) : factor;
}

}  // namespace generalizer
