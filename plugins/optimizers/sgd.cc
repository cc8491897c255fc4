#include "optimizers.h"

namespace generalizer::optimizers {
namespace {

Tensor build(OptimizerBuilder& b) {
  const double momentum = b.parameters().number("momentum");
  if (momentum == 0.0) return sgd_update(b.weight(), b.gradient(), b.learning_rate(), b.gate());
  const Tensor velocity = b.moment("momentum");
  const std::vector<Tensor> next = momentum_update(b.weight(), b.gradient(), velocity, b.learning_rate(),
                                                   b.gate(), momentum, b.parameters().boolean("nesterov"));
  b.update_moment(velocity, next[1]);
  return next[0];
}

}  // namespace

OptimizerType sgd() {
  OptimizerType type;
  type.name = "sgd";
  type.summary =
      "Steps against the gradient, or against its running sum with momentum (Polyak, 1964; Sutskever et al., "
      "2013).";
  type.parameters = {
      at_least(parameter("learning_rate", {ParameterType::number}, 0.01, "Size of a step."), 0),
      at_most(at_least(parameter("momentum", {ParameterType::number}, 0.0,
                                 "Share of the last step's velocity that stays; 0: plain."),
                       0),
              1),
      parameter("nesterov", {ParameterType::boolean}, false,
                "Whether to look ahead by the momentum; without momentum it changes nothing."),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::optimizers
