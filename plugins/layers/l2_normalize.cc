#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const std::int64_t axis = layer.integer("axis");
  if (axis >= static_cast<std::int64_t>(x.rank())) {
    layer.fail_at("axis",
                  "its input " + x.shape().to_string() + " has no axis " + std::to_string(axis) +
                      "; axes count from 0, the batch",
                  "choose an axis from 1 to " + std::to_string(x.rank() - 1));
  }
  const Tensor sum = reduce_sum(square(x), {axis}, true);
  const Tensor least = fill(layer.program(), {x.dtype(), {}}, layer.number("epsilon"));
  return x * rsqrt(maximum(sum, least));
}

}  // namespace

LayerType l2_normalize() {
  LayerType type;
  type.name = "l2_normalize";
  type.summary =
      "Scales its input to length 1 along one axis: x/√max(Σx², epsilon).";
  type.parameters = {at_least(parameter("axis", {ParameterType::integer}, std::int64_t{1},
                                        "The axis, counted from the batch, 0; 1: channels, or the elements of vectors."),
                              1),
                     above(parameter("epsilon", {ParameterType::number}, 1e-12,
                                     "What the sum of squares counts as where it is smaller."),
                           0)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
