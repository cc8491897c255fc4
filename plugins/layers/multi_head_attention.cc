#include <cmath>

#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

struct Sizes {
  std::int64_t batch, heads, units;  ///< units: of each head
};

/// N×T×C → N×heads×T×units, by a trained map
Tensor project(LayerBuilder& layer, const Tensor& x, const std::string& name, const Sizes& s) {
  const std::int64_t tokens = x.dim(1);
  const std::int64_t width = s.heads * s.units;
  const Tensor flat = generalizer::reshape(x, {s.batch * tokens, x.dim(2)});
  Tensor y = matmul(flat, layer.weight(name + "_kernel", {x.dim(2), width},
                                       chosen_initializer(layer, "kernel_initializer", x.dim(2), width)));
  if (layer.boolean("bias")) y = bias_add(y, layer.weight(name + "_bias", {width}, chosen_initializer(layer, "bias_initializer", width, width)));
  return transpose(generalizer::reshape(y, {s.batch, tokens, s.heads, s.units}), {0, 2, 1, 3});
}

/// T×S: nothing where a token may look, so much below everything where it may not that its weight is 0.
Tensor causal_mask(LayerBuilder& layer, DType dtype, std::int64_t rows, std::int64_t columns) {
  std::vector<double> values(static_cast<std::size_t>(rows * columns), 0.0);
  for (std::int64_t i = 0; i < rows; ++i) {
    for (std::int64_t j = i + 1; j < columns; ++j) values[static_cast<std::size_t>(i * columns + j)] = -1e9;
  }
  return constant_values(layer.program(), {dtype, {rows, columns}}, std::move(values));
}

/// Checks the inputs and finds the sizes.
Sizes sizes_of(const LayerBuilder& layer) {
  layer.require_rank(0, 3, "tokens (N×T×C)", "bring the input to tokens by a reshape and a permute layer before it");
  if (layer.inputs().size() > 1) layer.require_rank(1, 3, "tokens (N×S×D)");
  if (layer.boolean("causal") && layer.inputs().size() > 1 && layer.input(1).dim(1) != layer.input(0).dim(1)) {
    layer.fail_at("causal",
                  "causal counts places in one sequence, and input 0 has " + std::to_string(layer.input(0).dim(1)) +
                      " tokens where input 1 has " + std::to_string(layer.input(1).dim(1)),
                  "leave causal out, or give both inputs as many tokens");
  }
  const std::int64_t heads = layer.integer("heads");
  const std::int64_t channels = layer.input().dim(2);
  if (layer.parameters().has("units")) return {layer.input().dim(0), heads, layer.integer("units")};
  if (channels % heads != 0) {
    layer.fail_at("heads",
                  "heads = " + std::to_string(heads) + " has to divide the tokens' " + std::to_string(channels) +
                      " numbers where units isn't given",
                  "choose a divisor of " + std::to_string(channels) + ", or give the units of each head");
  }
  return {layer.input().dim(0), heads, channels / heads};
}

/// N×T×C, or N×T×C looking at N×S×D → N×T×C
Tensor build(LayerBuilder& layer) {
  const Sizes s = sizes_of(layer);
  const Tensor& x = layer.input();
  const Tensor& context = layer.inputs().size() > 1 ? layer.input(1) : x;
  const Tensor query = project(layer, x, "query", s);
  const Tensor key = project(layer, context, "key", s);
  const Tensor value = project(layer, context, "value", s);
  const std::int64_t tokens = x.dim(1);
  Tensor scores = affine(matmul(query, key, false, true), 1.0 / std::sqrt(static_cast<double>(s.units)), 0.0);
  if (layer.boolean("causal")) scores = scores + causal_mask(layer, x.dtype(), tokens, context.dim(1));
  const Tensor weights = dropped(layer, softmax(scores, 3), scores.shape(), drop_rate(layer, "dropout"));  // N×heads×T×S
  const Tensor heads = transpose(matmul(weights, value), {0, 2, 1, 3});  // N×T×heads×units
  const std::int64_t width = s.heads * s.units;
  const std::int64_t channels = x.dim(2);
  Tensor y = matmul(generalizer::reshape(heads, {s.batch * tokens, width}),
                    layer.weight("output_kernel", {width, channels},
                                 chosen_initializer(layer, "kernel_initializer", width, channels)));
  if (layer.boolean("bias")) y = bias_add(y, layer.weight("output_bias", {channels}, chosen_initializer(layer, "bias_initializer", channels, channels)));
  return generalizer::reshape(y, {s.batch, tokens, channels});
}

}  // namespace

LayerType multi_head_attention() {
  LayerType type;
  type.name = "multi_head_attention";
  type.summary =
      "Each token looks at all tokens, of its own sequence or of a second input, and takes a weighted mean of what it finds, several "
      "heads side by side (Vaswani et al., 2017).";
  ParameterSpec units = at_least(required_parameter("units", {ParameterType::integer},
                                                    "Numbers of each head's queries, keys and values; without it the tokens' numbers over the heads."),
                                 1);
  units.optional = true;
  type.parameters = {
      at_least(required_parameter("heads", {ParameterType::integer}, "How many look side by side."), 1),
      std::move(units),
      parameter("bias", {ParameterType::boolean}, true, "Whether each map adds a trained constant."),
      rate_parameter("dropout", 0.0, "a weight is dropped in training"),
      parameter("causal", {ParameterType::boolean}, false, "Whether a token sees itself and those before it alone."),
      initializer_parameter("kernel_initializer", "glorot_uniform"),
      initializer_parameter("bias_initializer", "zeros")};
  type.maximum_inputs = 2;
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
