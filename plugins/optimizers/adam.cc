#include <cmath>

#include "optimizers.h"

namespace generalizer::optimizers {
namespace {

/// `weight_decay` 0: Adam itself.
Tensor step(OptimizerBuilder& b, double weight_decay) {
  const Tensor m = b.moment("adam_m");
  const Tensor v = b.moment("adam_v");
  const Parameters& p = b.parameters();
  const std::vector<Tensor> next =
      adam_update(b.weight(), b.gradient(), m, v, b.step(), b.learning_rate(), b.gate(), p.number("beta1"),
                  p.number("beta2"), p.number("epsilon"), weight_decay);
  b.update_moment(m, next[1]);
  b.update_moment(v, next[2]);
  return next[0];
}

/// A share that stays from step to step, in [0, 1]; at 1 nothing new would come in.
ParameterSpec decay(const std::string& name, double default_value, const std::string& help) {
  return at_most(at_least(parameter(name, {ParameterType::number}, default_value, help), 0), 0.999999999);
}

std::vector<ParameterSpec> adam_parameters() {
  return {
      at_least(parameter("learning_rate", {ParameterType::number}, 1e-3, "Size of a step."), 0),
      decay("beta1", 0.9, "Share of the gradient's running mean that stays at each step, below 1."),
      decay("beta2", 0.999, "Share of the squared gradient's running mean that stays at each step, below 1."),
      above(parameter("epsilon", {ParameterType::number}, 1e-8,
                      "Added to the root, so that nothing is divided by 0."),
            0),
  };
}

/// Adam's direction made of ops, with the decay, scaled to each weight's own length.
Tensor lamb_step(OptimizerBuilder& b) {
  const Parameters& p = b.parameters();
  const Tensor w = b.weight();
  const Tensor g = b.gradient();
  const Tensor m = b.moment("lamb_m");
  const Tensor v = b.moment("lamb_v");
  const double beta1 = p.number("beta1");
  const double beta2 = p.number("beta2");
  const Tensor next_m = affine(m, beta1, 0.0) + affine(g, 1.0 - beta1, 0.0);
  const Tensor next_v = affine(v, beta2, 0.0) + affine(square(g), 1.0 - beta2, 0.0);
  b.update_moment(m, next_m);
  b.update_moment(v, next_v);
  // 1 − β^step as 1 − e^(step·ln β)
  const Tensor steps = cast(b.step(), w.dtype());
  const auto correction = [&](double beta) {
    return beta == 0.0 ? affine(steps, 0.0, 1.0) : affine(exp(affine(steps, std::log(beta), 0.0)), -1.0, 1.0);
  };
  const Tensor root = sqrt(next_v / correction(beta2));
  const Tensor direction = next_m / correction(beta1) / affine(root, 1.0, p.number("epsilon")) +
                           affine(w, p.number("weight_decay"), 0.0);
  const Tensor length = sqrt(reduce_sum(square(w), {}));
  const Tensor stride = sqrt(reduce_sum(square(direction), {}));
  // The ratio is 1 where either is 0.
  const Tensor one = fill(w.program(), {w.dtype(), {}}, 1.0);
  const Tensor ratio = select(sign(length) * sign(stride), length / maximum(stride, affine(one, 1e-30, 0.0)), one);
  return w - direction * (ratio * b.learning_rate());
}

}  // namespace

OptimizerType adam() {
  OptimizerType type;
  type.name = "adam";
  type.summary =
      "Steps by the running mean of the gradient over the root of the running mean of its square (Kingma, "
      "Ba, 2015).";
  type.parameters = adam_parameters();
  type.build = [](OptimizerBuilder& b) { return step(b, 0.0); };
  return type;
}

OptimizerType adamw() {
  OptimizerType type;
  type.name = "adamw";
  type.summary =
      "Adam, with every weight drawn to 0 by learning_rate·weight_decay of itself at each step, beside the gradient (Loshchilov, "
      "Hutter, 2019).";
  type.parameters = adam_parameters();
  type.parameters.push_back(at_least(
      parameter("weight_decay", {ParameterType::number}, 0.01, "How fast all weights, biases too, are drawn to 0."), 0));
  type.build = [](OptimizerBuilder& b) { return step(b, b.parameters().number("weight_decay")); };
  return type;
}

OptimizerType lamb() {
  OptimizerType type;
  type.name = "lamb";
  type.summary =
      "AdamW's direction, as long as the weight is times the learning rate: for large batches (You et al., 2020, \"Large batch "
      "optimization for deep learning\").";
  type.parameters = adam_parameters();
  for (ParameterSpec& spec : type.parameters) {
    if (spec.name == "epsilon") spec.default_value = 1e-6;
  }
  type.parameters.push_back(at_least(
      parameter("weight_decay", {ParameterType::number}, 0.01, "How much of each weight enters its direction."), 0));
  type.build = lamb_step;
  return type;
}

}  // namespace generalizer::optimizers
