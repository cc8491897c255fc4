#pragma once

#include <memory>

#include "generalizer/dataset.h"
#include "trainer/network.h"

namespace generalizer {

/// What a training works with. Made before its folder is, so that a graph that doesn't fit its data leaves nothing behind.
struct Materials {
  /// Throws `DataError`, `GraphError`, `PluginError` and `BackendError`.
  Materials(const GraphSpec& spec, const Registry& registry);

  double data_seconds = 0;  ///< what opening the datasets took
  std::unique_ptr<Dataset> train;
  std::unique_ptr<Dataset> test;
  Network network;
};

}  // namespace generalizer
