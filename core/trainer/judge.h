#pragma once

#include <optional>
#include <string>

#include "config/graph_spec.h"
#include "trainer/checkpoint.h"

namespace generalizer {

/// What an epoch's figures decide: whether its weights are the best so far, and whether the training goes on. Holds nothing itself: all that it knows is
/// in the training's state, and so in every checkpoint.
class Judge {
 public:
  /// `train` must live as long.
  explicit Judge(const TrainSpec& train) : train_(train) {}

  /// Takes an epoch's figures in. True when its weights are to be kept as the best so far.
  bool finds_best(const EpochMetrics& metrics, TrainingState& state) const;
  /// Whether the training ends early here.
  bool stops(const TrainingState& state) const;
  /// Whether, ending here, the newest checkpoint shall hold the best weights: where that is asked for and there are any.
  bool restores_best(const TrainingState& state) const;
  /// The figure whose best epoch is kept: the one that is asked for, or the one that decides when to stop, if its best comes back then. "": none is.
  const std::string& best_by() const;
  /// The best epoch so far; nothing while there is none, or none is kept.
  const WatchState* best(const TrainingState& state) const;
  /// Why the training ended early, as "stopped early after epoch 7: validation/loss has not improved since epoch 4; …".
  std::string reason(const TrainingState& state) const;

 private:
  const TrainSpec& train_;
};

}  // namespace generalizer
