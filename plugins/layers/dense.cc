#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×K → N×units, or N×T×K → N×T×units
Tensor build(LayerBuilder& layer) {
  if (layer.input().rank() != 3) layer.require_rank(0, 2, "vectors (N×K)", "add a flatten layer before it");
  const bool tokens = layer.input().rank() == 3;
  const Shape given = layer.input().shape();
  const std::int64_t inputs = given[given.rank() - 1];
  const Tensor x =
      tokens ? generalizer::reshape(layer.input(), {given[0] * given[1], inputs}) : layer.input();
  const std::int64_t units = layer.integer("units");
  Tensor y = matmul(x, layer.weight("kernel", {inputs, units},
                                    chosen_initializer(layer, "kernel_initializer", inputs, units)));
  if (layer.boolean("bias"))
    y = bias_add(y, layer.weight("bias", {units}, chosen_initializer(layer, "bias_initializer", units, units)));
  // Before the tokens part again, so that a softmax over axis 1 is over the units.
  y = apply_activation(layer, y);
  return tokens ? generalizer::reshape(y, {given[0], given[1], units}) : y;
}

}  // namespace

LayerType dense() {
  LayerType type;
  type.name = "dense";
  type.summary = "Fully connected: every unit is a weighted sum of all inputs, x·kernel + bias; of tokens (N×T×K) each by itself.";
  type.parameters = {
      at_least(required_parameter("units", {ParameterType::integer}, "Numbers in the output."), 1),
      parameter("bias", {ParameterType::boolean}, true, "Whether a trained constant is added for each unit."),
      activation_parameter(),
      initializer_parameter("kernel_initializer", "glorot_uniform"),
      initializer_parameter("bias_initializer", "zeros"),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
