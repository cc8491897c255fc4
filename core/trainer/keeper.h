#pragma once

#include <chrono>
#include <filesystem>
#include <optional>
#include <string>

#include "trainer/checkpoint.h"

namespace generalizer {

/// Keeps what a training has reached: checkpoints on disk, and in memory the last weights that are known to work, for when a loss turns into no
/// number (by then the weights that made it so are all that the device has).
///
/// Nothing is ever written over by weights that hold no number.
class Keeper {
 public:
  /// `keep`: the newest this many checkpoints stay.
  Keeper(std::filesystem::path folder, Network& network, std::int64_t keep)
      : folder_(std::move(folder)), network_(network), keep_(keep) {}

  /// The training begins here, with weights that count as good.
  void begin(const TrainingState& state);
  /// Called when every step up to `state` is known to have gone well. Now and then, so that it costs at most a hundredth of the time, takes a
  /// snapshot; it is good once steps after it have gone well, too. Throws `TrainingError`, as `stop`, when a weight is no number.
  void went_well(const TrainingState& state);
  /// Writes a checkpoint and returns its file. Throws `TrainingError`, as `stop`, when a weight is no number. `proven`: the weights have been evaluated.
  std::string save(const TrainingState& state, bool proven);
  /// Writes `best.safetensors`. Throws `TrainingError`, as `stop`, when a weight is no number.
  std::string save_best(const TrainingState& state);
  /// Writes the last good weights and throws a `TrainingError` that gives the reason and says what was kept.
  [[noreturn]] void stop(const std::string& reason);

 private:
  using Clock = std::chrono::steady_clock;
  Snapshot checked_snapshot(const TrainingState& state);

  std::filesystem::path folder_;
  Network& network_;
  std::int64_t keep_;
  Snapshot good_;
  std::optional<Snapshot> candidate_;
  Clock::time_point next_;
};

}  // namespace generalizer
