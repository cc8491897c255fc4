#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/graph_spec.h"

namespace generalizer {

/// A decoder that is trained from scratch to recreate images from a representation that stays as it is.
struct Attacker {
  std::string name;
  std::string file;        ///< as given; "" for one of the program's own
  std::string definition;  ///< the file's text
  std::vector<LayerSpec> layers;
  LossSpec loss;
  OptimizerSpec optimizer;
  std::optional<std::int64_t> epochs;  ///< in place of the audit's
};

/// The program's own attackers, the plainest first: linear, two_layer, convolutional.
const std::vector<std::string>& attacker_names();

/// One of them, for images of this shape C×H×W:
/// - linear: one dense layer, which for the squared error is least squares;
/// - two_layer: dense 512 relu, dense sigmoid;
/// - convolutional: dense relu to 64 maps of a quarter of the size, two transposed convolutions of stride 2 and kernel 4 to 32 maps and to the image.
/// Each by Adam at 1e-3, falling by a cosine to 0, on the mean squared error. Throws `GraphError` for another name.
Attacker own_attacker(const std::string& name, const Shape& image, const Registry& registry);

/// The keys of an attacker's file: name, layers, loss, optimizer, epochs.
const std::vector<ParameterSpec>& attacker_keys();

/// Reads an attacker's file: a decoder's `layers`, and optionally its `loss` (default mse), `optimizer` (default Adam as above), `epochs` and `name`
/// (default: the file's). Throws `GraphError` with every mistake in it.
Attacker read_attacker(const GraphSource& source, const Registry& registry);

/// The graph of an attack: rows of `units` numbers (of the shape `representation`) and then the pixels of an image come in as one "image" of 1×1×(units +
/// pixels); the decoder "attacker" is fed the former and recreates the latter. Backend and precision are `like`'s.
GraphSpec attack_graph(const Attacker& attacker, const Shape& representation, const Shape& image, const GraphSpec& like,
                       std::int64_t batch, std::uint64_t seed, const Registry& registry);

/// The graph of a linear probe: a softmax regression of rows of numbers on classes.
GraphSpec probe_graph(std::int64_t classes, const GraphSpec& like, std::int64_t batch, std::uint64_t seed, const Registry& registry);

}  // namespace generalizer
