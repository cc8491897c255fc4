#include "losses.h"

namespace generalizer::losses {

LossType mse() {
  LossType type;
  type.name = "mse";
  type.summary = "Mean over all elements of (prediction − target)².";
  type.target = LossTarget::values;
  // any shape, the same shape → scalar
  type.build = [](const LossContext& context) {
    return mean_squared_error(context.prediction, context.target);
  };
  return type;
}

}  // namespace generalizer::losses
