#include "optimizers.h"

namespace generalizer::optimizers {
namespace {

Tensor build(OptimizerBuilder& b) {
  const Tensor m = b.moment("adam_m");
  const Tensor v = b.moment("adam_v");
  const Parameters& p = b.parameters();
  const std::vector<Tensor> next =
      adam_update(b.weight(), b.gradient(), m, v, b.step(), b.learning_rate(), b.gate(), p.number("beta1"),
                  p.number("beta2"), p.number("epsilon"));
  b.update_moment(m, next[1]);
  b.update_moment(v, next[2]);
  return next[0];
}

/// A share that stays from step to step, in [0, 1]; at 1 nothing new would come in.
ParameterSpec decay(const std::string& name, double default_value, const std::string& help) {
  return at_most(at_least(parameter(name, {ParameterType::number}, default_value, help), 0), 0.999999999);
}

}  // namespace

OptimizerType adam() {
  OptimizerType type;
  type.name = "adam";
  type.summary =
      "Steps by the running mean of the gradient over the root of the running mean of its square (Kingma, "
      "Ba, 2015).";
  type.parameters = {
      at_least(parameter("learning_rate", {ParameterType::number}, 1e-3, "Size of a step."), 0),
      decay("beta1", 0.9, "Share of the gradient's running mean that stays at each step, below 1."),
      decay("beta2", 0.999, "Share of the squared gradient's running mean that stays at each step, below 1."),
      above(parameter("epsilon", {ParameterType::number}, 1e-8,
                      "Added to the root, so that nothing is divided by 0."),
            0),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::optimizers
