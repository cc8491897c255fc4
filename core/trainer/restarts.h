#pragma once

#include <vector>

#include "trainer/checkpoint.h"
#include "trainer/network.h"

namespace generalizer {

/// The new beginnings of decoders with `restarts`: after every so many epochs weights, statistics, moments and step count begin as at first, from a seed of
/// that restart's own. What is left of a training that stopped decides which: a resumed one begins decoders anew at the same steps, to the same values.
class Restarts {
 public:
  Restarts(Network& network, std::int64_t steps_per_epoch) : network_(network), steps_per_epoch_(steps_per_epoch) {}

  /// Before the first step of an epoch. Twice the same before that step.
  void epoch_begins(const TrainingState& state);
  /// By decoder: how many classifier steps were done when it last began.
  std::vector<std::int64_t> begun(const TrainingState& state) const;

 private:
  Network& network_;
  std::int64_t steps_per_epoch_;
};

}  // namespace generalizer
