#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  const std::string& function = layer.string("function");
  const std::int64_t axis = function == "softmax" ? axis_of(layer) : 1;  // no other function looks at it
  return apply_activation(function, layer.input(),
                          {.slope = layer.number("slope"), .alpha = layer.number("alpha"), .axis = axis});
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
      above(parameter("alpha", {ParameterType::number}, 1.0, "What elu goes to far below 0, with the sign turned."), 0),
      axis_parameter("What softmax adds up over"),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
