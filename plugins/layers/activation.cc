#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  return apply_activation(layer.string("function"), layer.input(), {.slope = layer.number("slope")});
}

}  // namespace

LayerType activation() {
  LayerType type;
  type.name = "activation";
  type.summary = "Applies a function to each element (softmax: over axis 1).";
  type.parameters = {
      one_of(required_parameter("function", {ParameterType::string}, "The function's name."),
             activation_names()),
      above(parameter("slope", {ParameterType::number}, 0.01,
                      "What leaky_relu multiplies numbers below 0 with."),
            0),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
