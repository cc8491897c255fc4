#pragma once

#include <memory>
#include <string>

#include "config/graph_spec.h"
#include "graph/graph.h"
#include "places.h"
#include "plugin/loader.h"

/// Networks from graph files' text, made of the built-in layers.
namespace generalizer::test {

/// Adds the built-in plugins, and a dataset type "given" that is never opened: a test says itself what its data looks like.
inline void load_builtin_plugins(Registry& registry) {
  load_folder(plugin_folder(), registry);
  registry.begin_plugin({"test data", "1", "Apache-2.0", "networks.h", {}});
  registry.add_dataset(
      {"given", "Described by the test.", {}, [](const Parameters&, Split) -> std::unique_ptr<Dataset> {
         throw DataError("A test's data is described and not opened.");
       }});
  registry.end_plugin(true);
}

inline const Registry& builtin_plugins() {
  static Registry registry;
  static const bool loaded = (load_builtin_plugins(registry), true);
  (void)loaded;
  return registry;
}

/// A spec in f64 on the reference backend; `text` holds [train], [classifier] and [[decoder]] tables.
inline GraphSpec spec_of(const std::string& text, const Registry& registry = builtin_plugins()) {
  const std::string head =
      "name = \"test\"\nbackend = \"reference\"\nseed = 7\nprecision = \"f64\"\n[data]\ntype = \"given\"\n";
  return parse_graph(head + text, "test.toml", ".", registry);
}

inline Graph graph_of(const std::string& text, const DataShape& data,
                      const Registry& registry = builtin_plugins()) {
  return {spec_of(text, registry), data, registry};
}

/// What the graph stage says of a mistake; "" when there is none.
inline std::string complaint(const std::string& text, const DataShape& data,
                             const Registry& registry = builtin_plugins()) {
  try {
    graph_of(text, data, registry);
  } catch (const GraphError& error) {
    return error.what();
  }
  return "";
}

/// What the data of a graph of graphs/ looks like: as the graph says where it is made up, Fashion-MNIST's otherwise.
inline DataShape data_shape_of_project(const GraphSpec& spec) {
  if (spec.data.type.text != "synthetic") return {{1, 28, 28}, 10};
  return {Shape(spec.data.parameters.integers("shape")), spec.data.parameters.integer("classes")};
}

}  // namespace generalizer::test
