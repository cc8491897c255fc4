#pragma once

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

/// Finds it from the players' step counters, which stand still since then. `begun`, by decoder: how many classifier steps were done when it last began.
FailedUpdate find_failed_update(const Network& network, const std::vector<std::int64_t>& begun);

/// Where the bad number comes from: the first variable that holds one, or the first layer whose output does on this batch (the failed step's);
/// a clause such as `layer "embedding" of the classifier gives nan`.
std::string find_bad_number(Network& network, const Batch& batch);

/// The first weight, moment or statistic of a snapshot that holds no number, as a clause: `"classifier/conv1/kernel" holds nan`.
std::optional<std::string> find_bad_variable(const Snapshot& snapshot, const Network& network);

}  // namespace generalizer
