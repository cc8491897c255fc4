#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  const double rate = layer.number("rate");
  if (rate >= 1.0) {
    layer.fail_at("rate", "at a rate of 1 nothing is left of the input",
                  "choose a rate in [0, 1), such as 0.5");
  }
  const Tensor& x = layer.input();
  if (!layer.training() || rate == 0.0) return x;
  const Tensor kept = greater_equal(layer.random_uniform(x.shape()), rate);  // 1 with probability 1 − rate
  return x * affine(kept, 1.0 / (1.0 - rate), 0.0);
}

}  // namespace

LayerType dropout() {
  LayerType type;
  type.name = "dropout";
  type.summary =
      "In training sets elements to 0 at random and scales the others by 1/(1 − rate), so that sums stay the "
      "same on average; in "
      "evaluation it changes nothing (Srivastava et al., 2014).";
  type.parameters = {at_most(at_least(parameter("rate", {ParameterType::number}, 0.5,
                                                "The probability that an element is dropped, in [0, 1)."),
                                      0),
                             1)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
