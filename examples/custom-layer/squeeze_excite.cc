// Squeeze and excitation (Hu, Shen, Sun, 2018): each channel is multiplied by a number in (0, 1) that a small network makes of all channels' means.
#include <generalizer/plugin.h>

using namespace generalizer;

namespace {

/// N×C×H×W → the same
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)", "put it behind a convolution");
  const Tensor& x = layer.input();
  const std::int64_t channels = x.dim(1);
  const std::int64_t units = layer.integer("units");
  const Tensor means = reduce_mean(x, {2, 3});  // N×C
  const Tensor squeezed = relu(matmul(means, layer.weight("squeeze", {channels, units}, he_normal(channels))));
  const Tensor gates = sigmoid(matmul(squeezed, layer.weight("excite", {units, channels}, he_normal(units))));
  return x * reshape(gates, {x.dim(0), channels, 1, 1});
}

LayerType squeeze_excite() {
  LayerType type;
  type.name = "squeeze_excite";
  type.summary = "Multiplies each channel by a gate made of all channels' means.";
  type.parameters = {at_least(parameter("units", {ParameterType::integer}, std::int64_t{4}, "Numbers between squeezing and exciting."), 1)};
  type.build = build;
  return type;
}

}  // namespace

GENERALIZER_PLUGIN("squeeze_excite", "1.0", "Apache-2.0", [](Registry& registry) { registry.add_layer(squeeze_excite()); })
