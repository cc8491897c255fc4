#include "optimizers.h"

namespace generalizer::optimizers {
namespace {

Tensor build(OptimizerBuilder& b) {
  const Tensor square = b.moment("rmsprop_square");
  const std::vector<Tensor> next = rmsprop_update(b.weight(), b.gradient(), square, b.learning_rate(), b.gate(),
                                                  b.parameters().number("decay"), b.parameters().number("epsilon"));
  b.update_moment(square, next[1]);
  return next[0];
}

}  // namespace

OptimizerType rmsprop() {
  OptimizerType type;
  type.name = "rmsprop";
  type.summary = "Steps by the gradient over the root of the running mean of its square (Tieleman, Hinton, 2012; the form of PyTorch).";
  type.parameters = {
      at_least(parameter("learning_rate", {ParameterType::number}, 1e-3, "Size of a step."), 0),
      at_most(at_least(parameter("decay", {ParameterType::number}, 0.9,
                                 "Share of the squared gradient's running mean that stays at each step, below 1."),
                       0),
              0.999999999),
      above(parameter("epsilon", {ParameterType::number}, 1e-7, "Added to the root, so that nothing is divided by 0."), 0),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::optimizers
