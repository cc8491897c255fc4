#pragma once

#include <vector>

#include "config/check.h"
#include "config/graph_spec.h"
#include "config/typed.h"

namespace generalizer {

// The parts of a graph file, read from its root. Mistakes are reported; the result then lacks what is wrong.

/// What a graph is read against, and what the file's own keys are relative to.
struct GraphContext {
  TableContext table;  ///< "the graph"
  const Registry& registry;
  std::vector<std::string> blocks;  ///< the names of the graph's own

  TableContext inside(std::string name) const { return table.inside(std::move(name)); }
};

/// [data]
DataSpec read_data(const TomlNode& root, const GraphContext& graph);
/// [train]
TrainSpec read_train(const TomlNode& root, const GraphContext& graph);
/// [classifier]
ClassifierSpec read_classifier(const TomlNode& root, const GraphContext& graph);
/// Appends each [[decoder]]; false when their list or a decoder's name is wrong.
bool read_decoders(const TomlNode& root, const GraphContext& graph, std::vector<DecoderSpec>& decoders);

/// What stands under `key`, or the name that is its default; nothing when it is absent and optional, or missing, which is reported. `label` is
/// what messages call it, `context` the table `parent`.
std::optional<TomlNode> find_choice(const TomlNode& parent, const std::string& key, TypeKind kind,
                                    const std::vector<ParameterSpec>& specs, const std::string& label,
                                    const TableContext& context, const Registry& registry);

/// The specs whose values are plain, not tables.
std::vector<ParameterSpec> plain(const std::vector<ParameterSpec>& specs);

/// A node that stands nowhere: for what a file leaves out.
TomlNode absent();

}  // namespace generalizer
