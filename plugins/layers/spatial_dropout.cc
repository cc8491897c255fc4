#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×C×… → the same
Tensor build(LayerBuilder& layer) {
  const double rate = layer.number("rate");
  if (rate >= 1.0) {
    layer.fail_at("rate", "at a rate of 1 nothing is left of the input",
                  "choose a rate in [0, 1), such as 0.2");
  }
  const Tensor& x = layer.input();
  if (x.rank() < 3) {
    layer.fail("it drops whole channels of images (N×C×H×W), and its input " + x.shape().to_string() +
                   " has none",
               "use { type = \"dropout\" } for vectors");
  }
  if (!layer.training() || rate == 0.0) return x;
  std::vector<std::int64_t> extents(x.rank(), 1);
  extents[0] = x.dim(0);
  extents[1] = x.dim(1);
  const Tensor kept = greater_equal(layer.random_uniform(Shape(extents)), rate);  // 1 with probability 1 − rate
  return x * affine(kept, 1.0 / (1.0 - rate), 0.0);
}

}  // namespace

LayerType spatial_dropout() {
  LayerType type;
  type.name = "spatial_dropout";
  type.summary =
      "In training sets whole channels to 0 at random and scales the others by 1/(1 − rate); in evaluation it changes nothing "
      "(Tompson et al., 2015).";
  type.parameters = {at_most(at_least(parameter("rate", {ParameterType::number}, 0.2,
                                                "The probability that a channel is dropped, in [0, 1)."),
                                      0),
                             1)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
