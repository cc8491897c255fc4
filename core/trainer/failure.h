#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "trainer/batcher.h"
#include "trainer/checkpoint.h"
#include "trainer/network.h"

namespace generalizer {

/// The update at which everything stopped moving, because its loss was no number.
struct FailedUpdate {
  std::int64_t step = 0;  ///< classifier step, from 1 over the whole run
  std::string player;     ///< "classifier", or the decoder's name
};

/// Finds it from the players' step counters, which stand still since then.
FailedUpdate find_failed_update(const Network& network);

/// Where the bad number comes from: the first variable that holds one, or the first layer whose output does on this batch (the failed step's);
/// a clause such as `layer "embedding" of the classifier gives nan`.
std::string find_bad_number(Network& network, const Batch& batch);

/// Keeps weights that are known to work, for when a loss turns into no number: by then the weights that made it so are all that the device has.
///
/// A snapshot proves good when steps after it have gone well. Taken now and then, so that copying costs at most a hundredth of the time.
class LastGood {
 public:
  /// `state` is where the training begins; its weights count as good.
  void begin(const Network& network, const TrainingState& state);
  /// Called when every step up to `state` is known to have gone well.
  void went_well(const Network& network, const TrainingState& state);
  const Snapshot& snapshot() const { return good_; }

 private:
  using Clock = std::chrono::steady_clock;
  Snapshot good_;
  std::optional<Snapshot> candidate_;
  Clock::time_point next_;
};

}  // namespace generalizer
