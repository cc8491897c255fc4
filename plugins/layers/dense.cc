#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×K → N×units
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 2, "vectors (N×K)", "add a flatten layer before it");
  const Tensor& x = layer.input();
  const std::int64_t units = layer.integer("units");
  Tensor y = matmul(x, layer.weight("kernel", {x.dim(1), units}, glorot_uniform(x.dim(1), units)));
  if (layer.boolean("bias")) y = bias_add(y, layer.weight("bias", {units}, zeros()));
  return apply_activation(layer, y);
}

}  // namespace

LayerType dense() {
  LayerType type;
  type.name = "dense";
  type.summary = "Fully connected: every unit is a weighted sum of all inputs, x·kernel + bias.";
  type.parameters = {
      at_least(required_parameter("units", {ParameterType::integer}, "Numbers in the output."), 1),
      parameter("bias", {ParameterType::boolean}, true, "Whether a trained constant is added for each unit."),
      activation_parameter(),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
