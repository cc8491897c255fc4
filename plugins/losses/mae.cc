#include "losses.h"

namespace generalizer::losses {

LossType mae() {
  LossType type;
  type.name = "mae";
  type.summary = "Mean over all elements of |prediction − target|.";
  type.target = LossTarget::values;
  // any shape, the same shape → scalar
  type.build = [](const LossContext& context) {
    return reduce_mean(abs(context.prediction - context.target), {});
  };
  return type;
}

}  // namespace generalizer::losses
