#pragma once

#include <chrono>
#include <string>

#include "terminal/terminal.h"
#include "trainer/trainer.h"

namespace generalizer {

/// How far the training is: on a terminal one line that is drawn over, elsewhere a line at the beginning and
/// then one a minute, so that a log shows life and does not fill.
class ProgressBar {
 public:
  explicit ProgressBar(const Terminal& terminal) : terminal_(terminal) {}

  void show(const TrainingProgress& progress);
  /// Takes the line away, so that something else can be written.
  void clear();

  /// The line as it is drawn in so many columns: "epoch 1/50 ━━━━━╸──── 812/1875  9 120 images/s  4:07 left".
  static std::string line(const TrainingProgress& progress, std::size_t width);
  /// The line for a log.
  static std::string sentence(const TrainingProgress& progress);

 private:
  using Clock = std::chrono::steady_clock;

  const Terminal& terminal_;
  bool drawn_ = false;
  Clock::time_point last_sentence_;
};

}  // namespace generalizer
