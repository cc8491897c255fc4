#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  const auto rank = static_cast<std::int64_t>(layer.input().rank());
  const std::int64_t axis = layer.integer("axis");
  const bool exists = axis >= -rank && axis < rank;
  if (layer.string("function") == "softmax" && (!exists || axis == 0 || axis == -rank)) {
    layer.fail_at("axis",
                  exists ? "axis " + std::to_string(axis) + " is the batch: the answer for an image would hang on the others"
                         : "its input " + layer.input().shape().to_string() + " has no axis " + std::to_string(axis),
                  "choose an axis from 1 to " + std::to_string(rank - 1) + ", or −1 for the last");
  }
  return apply_activation(layer.string("function"), layer.input(), {.slope = layer.number("slope"),
                           .alpha = layer.number("alpha"),
                           .axis = layer.integer("axis")});
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
      parameter("axis", {ParameterType::integer}, std::int64_t{1},
                "What softmax adds up over, counted from the batch, 0; −1 is the last."),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
