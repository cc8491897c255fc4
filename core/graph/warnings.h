#pragma once

#include <vector>

#include "config/graph_spec.h"
#include "generalizer/registry.h"
#include "graph/graph.h"

namespace generalizer {

// What in a sound graph is certainly not meant, though it can be trained. To be shown, not to stop.

/// What the graph file alone tells: an output that its loss or its target has no use for (an activation before a loss of logits, numbers that can't
/// reach a normalized image), and keys that change nothing. A value typed with --set is taken for meant.
std::vector<Diagnostic> warnings_of(const GraphSpec& spec, const Registry& registry);

/// What the weights and the wiring tell, too: players that nothing trains, decoders whose loss reaches no weight of the classifier.
std::vector<Diagnostic> warnings_of(const Graph& graph);

}  // namespace generalizer
