#include <cmath>

#include "losses.h"

namespace generalizer::losses {
namespace {

/// N×K → log of the softmax over K. The largest logit is taken off first, so that nothing overflows; it shifts all alike, so no gradient passes it.
Tensor log_softmax(const Tensor& logits) {
  const Tensor shifted = logits - stop_gradient(reduce_max(logits, {1}, true));
  return shifted - log(reduce_sum(exp(shifted), {1}, true));
}

/// The weights as K numbers. Throws `Error` when there are not as many as classes.
Tensor class_weights(const LossContext& context, const std::vector<double>& weights) {
  const std::int64_t classes = context.prediction.dim(1);
  if (static_cast<std::int64_t>(weights.size()) != classes) {
    throw Error("class_weights has " + std::to_string(weights.size()) + " numbers and there are " +
                std::to_string(classes) + " classes; give one a class");
  }
  return constant_values(context.prediction.program(), {context.prediction.dtype(), {classes}}, weights);
}

/// PyTorch's CrossEntropyLoss: with w the weight of a row's label, Σ rows (1 − s)·w·(−log p[label]) + s/K·Σ classes w_c·(−log p_c), over Σ rows w.
Tensor build(const LossContext& context) {
  const double smoothing = context.parameters.number("label_smoothing");
  const std::vector<double> weights = context.parameters.numbers("class_weights");
  if (smoothing == 0.0 && weights.empty())
    return softmax_cross_entropy(context.prediction, context.target).front();

  const Tensor logits = context.prediction;  // N×K
  const std::int64_t classes = logits.dim(1);
  Tensor wanted = one_hot(context.target, classes, logits.dtype());  // N×K, weighted by class
  if (weights.empty()) {
    const Tensor smoothed = affine(wanted, 1.0 - smoothing, smoothing / static_cast<double>(classes));
    return affine(reduce_sum(smoothed * log_softmax(logits), {}), -1.0 / static_cast<double>(logits.dim(0)), 0.0);
  }
  const Tensor of_class = class_weights(context, weights);
  wanted = wanted * of_class;
  const Tensor total = reduce_sum(wanted, {});
  const Tensor spread = affine(of_class, smoothing / static_cast<double>(classes), 0.0);
  const Tensor target = affine(wanted, 1.0 - smoothing, 0.0) + spread;
  return negate(reduce_sum(target * log_softmax(logits), {}) / total);
}

}  // namespace

LossType cross_entropy() {
  LossType type;
  type.name = "cross_entropy";
  type.summary =
      "Mean over the batch of −log softmax(logits)[label]: for classes, from a layer without activation.";
  type.parameters = {
      at_most(at_least(parameter("label_smoothing", {ParameterType::number}, 0.0,
                                 "The part of each label that is spread over all classes, in [0, 1] (Szegedy et al., 2016)."),
                       0),
              1),
      above(parameter("class_weights", {ParameterType::numbers}, std::vector<double>(),
                      "What the images of each class count, one number a class; the mean is over these weights. Empty: all alike."),
            0),
  };
  type.target = LossTarget::labels;
  // logits N×K, labels N → scalar
  type.build = build;
  return type;
}

}  // namespace generalizer::losses
