#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) { return scale_gradient(layer.input(), -layer.number("factor")); }

}  // namespace

LayerType gradient_reversal() {
  LayerType type;
  type.name = "gradient_reversal";
  type.summary =
      "Passes its input on and its gradient back with the sign turned round, times a factor: what is before it learns to make what is "
      "after it fail (Ganin, Lempitsky, 2015).";
  type.parameters = {at_least(
      parameter("factor", {ParameterType::number}, 1.0, "What the turned gradient is multiplied with."), 0)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
