#include "losses.h"

namespace generalizer::losses {
namespace {

/// With d = |prediction − target| and c = min(d, delta): c²/2 + delta·(d − c).
Tensor build(const LossContext& context) {
  const double delta = context.parameters.number("delta");
  const Tensor d = abs(context.prediction - context.target);
  const Tensor near = minimum(d, fill(d.program(), {d.dtype(), {}}, delta));
  return reduce_mean(affine(square(near), 0.5, 0.0) + affine(d - near, delta, 0.0), {});
}

}  // namespace

LossType huber() {
  LossType type;
  type.name = "huber";
  type.summary = "Mean over all elements of half the squared difference up to delta, and of a straight line beyond it (Huber, 1964).";
  type.parameters = {above(parameter("delta", {ParameterType::number}, 1.0, "The difference at which the line begins."), 0)};
  type.target = LossTarget::values;
  // any shape, the same shape → scalar
  type.build = build;
  return type;
}

}  // namespace generalizer::losses
