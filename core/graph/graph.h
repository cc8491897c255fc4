#pragma once

#include <memory>
#include <optional>
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
  /// Indices into the player's layers, or what comes from outside: `from_outside` is the image or a decoder's first tap, `from_tap(k)` its tap k.
  std::vector<std::size_t> inputs;
  Shape output;              ///< with the batch as first extent, at the graph's batch size
  std::int64_t weights = 0;  ///< numbers in its weights, frozen ones too
  double flops = 0;          ///< of the forward pass, one batch

  static constexpr std::size_t from_outside = static_cast<std::size_t>(-1);
  static constexpr std::size_t from_tap(std::size_t tap) { return from_outside - tap; }
  /// Whether an operand of a player with so many layers comes from outside.
  static constexpr bool is_outside(std::size_t operand, std::size_t layers) { return operand >= layers; }
  /// Which of a decoder's taps such an operand is.
  static constexpr std::size_t tap_of(std::size_t operand) { return from_outside - operand; }
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

/// A value that a decoder can be fed or has to recreate: the image, or the output of a layer.
struct Place {
  static constexpr std::size_t image = static_cast<std::size_t>(-1);
  static constexpr std::size_t classifier = static_cast<std::size_t>(-2);
  std::size_t player = image;  ///< an index into the decoders, or one of these two
  std::size_t layer = 0;       ///< an index into that player's layers; of the image 0
  bool is_image() const { return player == image; }
  bool of_decoder() const { return player < classifier; }
  bool operator==(const Place&) const = default;
};

/// Where a decoder is fastened to the network.
struct Fastening {
  std::vector<Place> taps;  ///< layers of the classifier and of other decoders, as many as the spec's taps
  Place target;
};

/// What is done to the output of a layer of the classifier for the decoders that tap it, before anything reads it: the bound, then the noise.
struct Treatment {
  Bound bound = Bound::none;
  double noise = 0.0;         ///< standard deviation, in training …
  bool noise_in_use = false;  ///< … and in evaluation and prediction
  bool operator==(const Treatment&) const = default;
};

/// A whole network, connected and with shapes, checked against the data: taps and targets exist and lead round in no circle, decoders
/// give their target's shape, the classifier gives as many logits as there are classes.
///
/// Owns its spec, in which every ensemble is spelt out as decoders of their own (`DecoderSpec::member_of`); layers point into it.
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
  /// Of each decoder its taps and its target.
  const std::vector<Fastening>& fastenings() const { return fastenings_; }
  /// By layer of the classifier.
  const std::vector<Treatment>& treatments() const { return treatments_; }
  /// Indices of the decoders, each after those that it taps or has as target; the file's order as far as possible.
  const std::vector<std::size_t>& running_order() const { return running_order_; }
  /// The player that a place other than the image belongs to.
  const Player& player_of(const Place& place) const;
  /// How a graph file calls a place: "image", "embedding", or "coarse/hidden" for a decoder's layer.
  std::string name_of(const Place& place) const;

 private:
  std::unique_ptr<GraphSpec> spec_;
  DataShape data_;
  const Registry& registry_;
  Player classifier_;
  std::vector<Player> decoders_;
  std::vector<Fastening> fastenings_;
  std::vector<Treatment> treatments_;
  std::vector<std::size_t> running_order_;
};

/// Everything that is wrong with a graph file, in its order: the draft's own mistakes, and those of its network as far as neither is what the other
/// led to. Shapes are judged where `data` is known.
std::vector<Diagnostic> mistakes_of(const GraphDraft& draft, const std::optional<DataShape>& data,
                                    const Registry& registry);

}  // namespace generalizer
