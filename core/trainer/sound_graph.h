#pragma once

#include <vector>

#include "config/graph_spec.h"
#include "generalizer/registry.h"

namespace generalizer {

/// Reads a graph file for a training: `read_graph`, and every mistake of the file at once, those of its text together with those of its network.
/// Only when there are some is the dataset opened, to judge shapes, too; data that can't be opened then leaves the shapes unjudged. Throws
/// `GraphError` and `PluginError`.
GraphSpec read_sound_graph(const GraphSource& source, const Registry& registry,
                           const std::vector<Override>& overrides = {});

}  // namespace generalizer
