#pragma once

#include <memory>

#include "data/splits.h"
#include "trainer/steps.h"

namespace generalizer {

/// What a training works with, every step compiled. Made before its folder is, so that a graph that doesn't fit its data, or that the backend
/// can't do, leaves nothing behind.
struct Materials {
  /// Throws `DataError`, `GraphError`, `PluginError` and `BackendError`, and `TrainingError` where the device's memory is too small.
  Materials(const GraphSpec& spec, const Registry& registry);

  double data_seconds = 0;  ///< what opening the datasets took
  Splits data;
  Network network;
  Alternation alternation;
};

}  // namespace generalizer
