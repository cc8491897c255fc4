#pragma once

#include <string>

#include "graph/graph.h"

namespace generalizer {

/// How a network is drawn.
struct DrawOptions {
  bool left_to_right = false;  ///< else from the image at the top downwards
  bool fold_blocks = false;  ///< a block ("res1" of "res1/conv1") is one box; else a frame around its layers
  bool legend = true;        ///< which step trains what, and what the lines mean
};

/// The network as Graphviz DOT: a frame a player; layers with type, activation and weights, in the colour of the step that trains them, grey when frozen, white
/// without weights; shapes without the batch along the edges; each decoder's taps (a thick border), target, and its loss with sign and weight on its
/// way into the classifier's, and the gradient that comes back through the decoder. The same graph gives the same text.
std::string to_dot(const Graph& graph, const DrawOptions& options = {});

}  // namespace generalizer
