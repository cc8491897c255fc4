#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "config/graph_spec.h"
#include "trainer/metrics.h"

namespace generalizer {

/// What is known of a figure that is watched from epoch to epoch; part of a checkpoint, so that a resumed run decides as one that never stopped.
struct WatchState {
  std::optional<double> best;
  std::int64_t best_epoch = 0;
  std::int64_t waiting = 0;  ///< epochs since the last improvement, or since the last drop of the learning rate
  double factor = 1.0;       ///< of a learning rate that falls on a plateau
  bool operator==(const WatchState&) const = default;
};

/// The figure that a monitor names ("validation/loss", "test/accuracy", "train/autoencoder"); nothing where the epoch has none.
std::optional<double> figure_of(const EpochMetrics& metrics, const std::string& monitor);

/// Takes an epoch's figure in: true when it is better than the best by more than `minimum_change` (an accuracy by being more, a loss by being less).
/// Without a figure, or with one that is no better, the wait is an epoch longer.
bool improves(WatchState& state, const EpochMetrics& metrics, const std::string& monitor, double minimum_change);

/// Takes an epoch's figure in for a reduce_on_plateau schedule: true when the factor falls, as PyTorch's ReduceLROnPlateau with an absolute threshold,
/// when the figure has not improved for more than `patience` epochs.
bool falls_on_plateau(WatchState& state, const EpochMetrics& metrics, const ScheduleSpec& schedule);

}  // namespace generalizer
