#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

namespace generalizer {

/// How fast an epoch goes. Allocates when it begins, not at a step.
class Pace {
 public:
  using Clock = std::chrono::steady_clock;

  /// An epoch of at most so many steps begins now.
  void begin(std::int64_t steps);
  void step_begins() { step_start_ = Clock::now(); }
  void step_ends(std::int64_t images);
  /// Whether a tenth of a second has gone by at the end of the last step since this was last true.
  bool due();

  /// Of the epoch so far, by the clock now.
  double seconds() const;
  std::int64_t images() const { return images_; }
  double images_per_second() const;
  /// Median of the steps so far, 0 before the first. Their order is lost.
  double median_step_seconds();

 private:
  Clock::time_point start_;
  Clock::time_point step_start_;
  Clock::time_point step_end_;
  Clock::time_point last_due_;
  std::int64_t images_ = 0;
  std::vector<double> steps_;
};

double seconds_between(Pace::Clock::time_point from, Pace::Clock::time_point to);

}  // namespace generalizer
