#include "optimizers.h"

namespace generalizer::optimizers {
namespace {

/// decay·mean + (1 − decay)·value
Tensor running(const Tensor& mean, const Tensor& value, double decay) {
  return affine(mean, decay, 0.0) + affine(value, 1.0 - decay, 0.0);
}

/// The gradient over the root of its running square or, centered, of its running variance.
Tensor direction(OptimizerBuilder& b) {
  const Tensor g = b.gradient();
  const double decay = b.parameters().number("decay");
  const Tensor mean_square = b.moment("rmsprop_square");
  Tensor spread = running(mean_square, square(g), decay);
  b.update_moment(mean_square, spread);
  if (b.parameters().boolean("centered")) {
    const Tensor mean = b.moment("rmsprop_mean");
    const Tensor next_mean = running(mean, g, decay);
    b.update_moment(mean, next_mean);
    // Rounding may bring the difference below 0.
    spread = maximum(spread - square(next_mean), fill(g.program(), {g.dtype(), {}}, 0.0));
  }
  return g / affine(sqrt(spread), 1.0, b.parameters().number("epsilon"));
}

Tensor build(OptimizerBuilder& b) {
  const double momentum = b.parameters().number("momentum");
  if (momentum == 0.0 && !b.parameters().boolean("centered")) {
    const Tensor square = b.moment("rmsprop_square");
    const std::vector<Tensor> next = rmsprop_update(b.weight(), b.gradient(), square, b.learning_rate(), b.gate(),
                                                    b.parameters().number("decay"), b.parameters().number("epsilon"));
    b.update_moment(square, next[1]);
    return next[0];
  }
  if (momentum == 0.0) return b.weight() - direction(b) * b.learning_rate();
  const Tensor velocity = b.moment("rmsprop_velocity");
  const std::vector<Tensor> next =
      momentum_update(b.weight(), direction(b), velocity, b.learning_rate(), b.gate(), momentum, false);
  b.update_moment(velocity, next[1]);
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
      at_most(at_least(parameter("momentum", {ParameterType::number}, 0.0,
                                 "Share of the last step's velocity that stays; 0: none."),
                       0),
              1),
      parameter("centered", {ParameterType::boolean}, false,
                "Whether the gradient's running mean is taken off its square, which leaves the variance (Graves, 2013)."),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::optimizers
