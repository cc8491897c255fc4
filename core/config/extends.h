#pragma once

#include "config/check.h"
#include "config/document.h"
#include "config/graph_spec.h"

namespace generalizer {

/// A graph file's tree, laid over those that it extends.
struct LoadedGraph {
  TomlNode root;  ///< without `extends` and `set`
  Folders folders;
};

/// Parses a graph file and those that it extends, lays each over its base and applies its `set`. Positions stay those of the file in which a
/// value stands. Throws `GraphError` for a text that is no TOML or holds no key, and for an `extends` that leads nowhere or in a circle; mistakes
/// in a `set` go to `found`.
LoadedGraph load_graph(const GraphSource& source, Diagnostics& found);

}  // namespace generalizer
