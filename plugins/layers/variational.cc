#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×units each: what an input's code is drawn from.
struct Distribution {
  Tensor mean;
  Tensor deviation;
};

Tensor softplus(const Tensor& x) { return apply_activation("softplus", x); }

/// One product for both, as in the publication: the second half goes through softplus(x − 5), so that the noise begins small.
Distribution encode(LayerBuilder& layer, const Tensor& x) {
  const std::int64_t inputs = x.dim(1);
  const std::int64_t units = layer.integer("units");
  const auto part = [&](const std::string& name) {
    const Tensor kernel = layer.weight(name + "_kernel", {inputs, units}, chosen_initializer(layer, "kernel_initializer", inputs, units));
    return bias_add(matmul(x, kernel), layer.weight(name + "_bias", {units}, zeros()));
  };
  const Tensor mean = part("mean");
  return {mean, softplus(affine(part("deviation"), 1.0, -5.0)) + 1e-6};
}

/// F[]: KL(N(μ, σ²) ‖ N(0, 1)) = ½·Σ (μ² + σ² − 1) − Σ ln σ over the units, as a mean over the batch.
Tensor divergence(const Distribution& code) {
  const Tensor squares = affine(square(code.mean) + square(code.deviation), 0.5, -0.5);
  return reduce_mean(reduce_sum(squares - log(code.deviation), {1}), {});
}

/// N×K → N×units
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 2, "vectors (N×K)", "add a flatten layer before it");
  const Distribution code = encode(layer, layer.input());
  const double weight = layer.number("kl_weight");
  if (layer.training() && weight > 0.0) layer.add_penalty(divergence(code) * weight);
  if (!layer.training() && !layer.boolean("sample_in_use")) return code.mean;
  return code.mean + code.deviation * layer.random_normal(code.mean.shape());
}

}  // namespace

LayerType variational() {
  LayerType type;
  type.name = "variational";
  type.summary =
      "A bottleneck that is drawn at random: a mean and a deviation for each unit, and a penalty on what they tell of the input (Alemi, "
      "Fischer, Dillon, Murphy, 2017).";
  type.parameters = {
      at_least(required_parameter("units", {ParameterType::integer}, "Numbers in the output."), 1),
      at_least(parameter("kl_weight", {ParameterType::number}, 1e-3,
                         "β: what the player's loss gains for each nat that the code's distribution is away from the standard normal one."),
               0),
      parameter("sample_in_use", {ParameterType::boolean}, false, "Whether evaluation and prediction draw the code, too, rather than take its mean."),
      initializer_parameter("kernel_initializer", "glorot_uniform"),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
