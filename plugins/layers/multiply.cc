#include <limits>

#include "layers.h"

namespace generalizer::layers {
namespace {

/// Whether `next` is of the shape `of`, or has 1 in its place.
bool fits(const Shape& next, const Shape& of) {
  if (next.rank() != of.rank() || next[0] != of[0]) return false;
  for (std::size_t i = 1; i < of.rank(); ++i) {
    if (next[i] != of[i] && next[i] != 1) return false;
  }
  return true;
}

/// Two or more of one shape → the same
Tensor build(LayerBuilder& layer) {
  Tensor product = layer.input(0);
  for (std::size_t i = 1; i < layer.inputs().size(); ++i) {
    const Tensor& next = layer.input(i);
    if (!fits(next.shape(), product.shape())) {
      layer.fail("it multiplies element by element, and input 0 is " + product.shape().to_string() +
                     " where input " + std::to_string(i) + " is " + next.shape().to_string(),
                 "bring the inputs to one shape, or give one number a channel (N×C×1×1 for N×C×H×W)");
    }
    product = product * next;
  }
  return apply_activation(layer, product);
}

}  // namespace

LayerType multiply() {
  LayerType type;
  type.name = "multiply";
  type.summary =
      "Multiplies its inputs, element by element: a gate. An extent of 1 in a later input counts for all places.";
  type.parameters = {activation_parameter()};
  type.minimum_inputs = 2;
  type.maximum_inputs = std::numeric_limits<std::size_t>::max();
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
