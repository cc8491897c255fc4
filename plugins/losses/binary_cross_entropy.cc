#include "losses.h"

namespace generalizer::losses {
namespace {

/// −(t·log p + (1 − t)·log(1 − p)), each logarithm not below −100, as PyTorch's BCELoss.
Tensor from_probabilities(const Tensor& p, const Tensor& t) {
  // The smallest number whose logarithm counts: e^−100, and in f32 the smallest that is normal.
  const Tensor least = fill(p.program(), {p.dtype(), {}}, p.dtype() == DType::f64 ? 3.720075976020836e-44 : 1.1754944e-38);
  const Tensor hit = t * log(maximum(p, least));
  const Tensor miss = affine(t, -1.0, 1.0) * log(maximum(affine(p, -1.0, 1.0), least));
  return negate(hit + miss);
}

/// max(x, 0) − x·t + log(1 + e^−|x|), which never overflows; written with min(x, 0), whose gradient at 0 makes the whole ½ − t there.
Tensor from_logits(const Tensor& x, const Tensor& t) {
  const Tensor below = minimum(x, fill(x.program(), {x.dtype(), {}}, 0.0));
  const Tensor minus_size = affine(below, 2.0, 0.0) - x;  // −|x|
  return x - below - x * t + log(affine(exp(minus_size), 1.0, 1.0));
}

Tensor build(const LossContext& context) {
  const Tensor each = context.parameters.boolean("logits") ? from_logits(context.prediction, context.target)
                                                           : from_probabilities(context.prediction, context.target);
  return reduce_mean(each, {});
}

}  // namespace

LossType binary_cross_entropy() {
  LossType type;
  type.name = "binary_cross_entropy";
  type.summary = "Mean over all elements of −(t·log p + (1 − t)·log(1 − p)), for targets t in [0, 1] such as pixels.";
  type.parameters = {parameter("logits", {ParameterType::boolean}, false,
                               "Whether the prediction is what a sigmoid would be taken of, rather than its result p in [0, 1].")};
  type.target = LossTarget::values;
  // any shape, the same shape → scalar
  type.build = build;
  return type;
}

}  // namespace generalizer::losses
