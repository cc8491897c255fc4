#include <limits>

#include "layers.h"

namespace generalizer::layers {
namespace {

/// Two or more of one shape → the same
Tensor build(LayerBuilder& layer) {
  Tensor sum = layer.input(0);
  for (std::size_t i = 1; i < layer.inputs().size(); ++i) {
    const Tensor& next = layer.input(i);
    if (next.shape() != sum.shape()) {
      layer.fail("it adds element by element, and input 0 is " + sum.shape().to_string() + " where input " +
                     std::to_string(i) + " is " + next.shape().to_string(),
                 "bring the inputs to one shape, for instance by a conv2d with kernel = 1");
    }
    sum = sum + next;
  }
  return apply_activation(layer, sum);
}

}  // namespace

LayerType add() {
  LayerType type;
  type.name = "add";
  type.summary = "Adds its inputs, element by element: a skip connection.";
  type.parameters = {activation_parameter()};
  type.minimum_inputs = 2;
  type.maximum_inputs = std::numeric_limits<std::size_t>::max();
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
