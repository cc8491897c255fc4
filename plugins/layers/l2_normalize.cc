#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const std::int64_t axis = axis_of(layer);
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
  type.parameters = {axis_parameter(),
                     above(parameter("epsilon", {ParameterType::number}, 1e-12,
                                     "What the sum of squares counts as where it is smaller."),
                           0)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
