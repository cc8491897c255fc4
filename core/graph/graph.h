#pragma once

#include <memory>
#include <string>
#include <vector>

#include "config/graph_spec.h"
#include "generalizer/registry.h"

namespace generalizer {

/// What the data decides about a network.
struct DataShape {
  Shape image;               ///< C×H×W
  std::int64_t classes = 0;  ///< 0: no labels
};

/// A layer in its place: where its operands come from, and its output's shape.
struct GraphLayer {
  const LayerSpec* spec = nullptr;
  const LayerType* type = nullptr;
  std::vector<std::size_t>
      inputs;                ///< indices into the player's layers; `from_outside` is the image or the tap
  Shape output;              ///< with the batch as first extent, at the graph's batch size
  std::int64_t weights = 0;  ///< trainable numbers
  double flops = 0;          ///< of the forward pass, one batch

  static constexpr std::size_t from_outside = static_cast<std::size_t>(-1);
};

/// One player: the classifier, or a decoder. Its layers in an order in which they can run; the last of the file
/// is its output.
struct Player {
  std::string name;  ///< "classifier", or the decoder's name
  std::vector<GraphLayer> layers;
  std::size_t output = 0;  ///< index of the layer whose output is the player's
  std::size_t find(
      const std::string& layer) const;  ///< index, or `GraphLayer::from_outside` when there is none
};

/// A whole network, connected and with shapes, checked against the data: the tap and targets exist, decoders
/// give their target's shape, the classifier gives as many logits as there are classes.
///
/// Owns its spec; layers point into it.
class Graph {
 public:
  /// Throws `GraphError` naming both ends of what doesn't fit; several mistakes at once where one doesn't
  /// follow from another.
  Graph(GraphSpec spec, DataShape data, const Registry& registry);
  Graph(const Graph&) = delete;
  Graph& operator=(const Graph&) = delete;

  const GraphSpec& spec() const { return *spec_; }
  const DataShape& data() const { return data_; }
  const Registry& registry() const { return registry_; }
  const Player& classifier() const { return classifier_; }
  const std::vector<Player>& decoders() const {
    return decoders_;
  }  ///< in the order of the file, as in spec().decoders

 private:
  std::unique_ptr<GraphSpec> spec_;
  DataShape data_;
  const Registry& registry_;
  Player classifier_;
  std::vector<Player> decoders_;
};

}  // namespace generalizer
