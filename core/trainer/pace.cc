#include "trainer/pace.h"

#include <algorithm>

namespace generalizer {

double seconds_between(Pace::Clock::time_point from, Pace::Clock::time_point to) {
  return std::chrono::duration<double>(to - from).count();
}

void Pace::begin(std::int64_t steps) {
  steps_.clear();
  steps_.reserve(static_cast<std::size_t>(steps));
  images_ = 0;
  start_ = Clock::now();
}

void Pace::step_ends(std::int64_t images) {
  step_end_ = Clock::now();
  steps_.push_back(seconds_between(step_start_, step_end_));
  images_ += images;
}

bool Pace::due() {
  if (seconds_between(last_due_, step_end_) < 0.1) return false;
  last_due_ = step_end_;
  return true;
}

double Pace::seconds() const { return seconds_between(start_, Clock::now()); }

double Pace::images_per_second() const { return static_cast<double>(images_) / std::max(seconds(), 1e-9); }

double Pace::median_step_seconds() {
  if (steps_.empty()) return 0.0;
  const auto middle = steps_.begin() + static_cast<std::ptrdiff_t>(steps_.size() / 2);
  std::nth_element(steps_.begin(), middle, steps_.end());
  return *middle;
}

}  // namespace generalizer
