#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "graph/graph.h"

namespace generalizer {

/// One layer of one player.
struct LayerSummary {
  std::string player;  ///< "classifier", or the decoder's name
  std::string name;
  std::string type;  ///< as in the graph file: "conv2d"
  std::vector<std::string>
      inputs;                ///< layers of the same player; "image" or "tap", or of several taps their names, for what comes from outside
  Shape output;              ///< with the batch as first extent
  std::int64_t weights = 0;  ///< numbers in its weights
  double flops = 0.0;        ///< of the forward pass, one batch
};

/// What one run of a step program costs.
struct StepSummary {
  std::string name;                 ///< "classifier step", "autoencoder step", "evaluation"
  std::string player;               ///< that it trains; "" for evaluation
  double flops = 0.0;               ///< one batch, forward, backward and update
  std::int64_t nodes = 0;           ///< ops in the program
  std::int64_t weight_bytes = 0;    ///< of the weights and statistics that it reads
  std::int64_t moment_bytes = 0;    ///< of the optimiser states that it reads
  std::int64_t arena_bytes = 0;     ///< of a plain row-major backend's planned arena
  std::int64_t unshared_bytes = 0;  ///< what the arena would be without overlap
};

/// What `check` says of a network, all known without running anything.
struct NetworkSummary {
  std::string name;
  std::int64_t batch = 0;
  std::vector<LayerSummary>
      layers;                      ///< the classifier's, then each decoder's, in the order in which they run
  std::vector<StepSummary> steps;  ///< the classifier's, each decoder's, evaluation
  std::int64_t weights = 0;        ///< numbers in the weights of all players
  std::int64_t weight_bytes = 0;   ///< of all weights and statistics
  std::int64_t moment_bytes = 0;   ///< of all optimiser states
  std::int64_t peak_bytes = 0;     ///< all variables, and the largest arena of the steps
};

/// Lowers every step at the graph's batch size and plans its memory.
NetworkSummary summarize(const Graph& graph);

}  // namespace generalizer
