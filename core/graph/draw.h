#pragma once

#include <string>

#include "graph/graph.h"

namespace generalizer {

/// The network as Graphviz DOT: a cluster a player, layers with their type, weights and FLOPs, shapes without
/// the batch on the edges, the tap and target of each decoder, and its loss with sign and weight on the way
/// into the classifier's. The same graph gives the same text.
std::string to_dot(const Graph& graph);

}  // namespace generalizer
