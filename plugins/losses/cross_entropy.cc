#include "losses.h"

namespace generalizer::losses {

LossType cross_entropy() {
  LossType type;
  type.name = "cross_entropy";
  type.summary =
      "Mean over the batch of −log softmax(logits)[label]: for classes, from a layer without activation.";
  type.target = LossTarget::labels;
  // logits N×K, labels N → scalar
  type.build = [](const LossContext& context) {
    return softmax_cross_entropy(context.prediction, context.target).front();
  };
  return type;
}

}  // namespace generalizer::losses
