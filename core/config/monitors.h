#pragma once

#include "config/diagnostics.h"
#include "config/document.h"
#include "config/graph_spec.h"

namespace generalizer {

/// Checks every figure that the graph names ("validation/loss") against its sets, its loss and its decoders, and fills in those that the file
/// `root` leaves out.
void resolve_monitors(GraphSpec& graph, const TomlNode& root, Diagnostics& found);

}  // namespace generalizer
