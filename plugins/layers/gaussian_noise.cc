#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const double deviation = layer.number("deviation");
  if (!layer.training() || deviation == 0.0) return x;
  return x + layer.random_normal(x.shape()) * deviation;
}

}  // namespace

LayerType gaussian_noise() {
  LayerType type;
  type.name = "gaussian_noise";
  type.summary =
      "In training adds normal random numbers of mean 0 to every element; in evaluation it changes nothing.";
  type.parameters = {at_least(
      parameter("deviation", {ParameterType::number}, 1.0, "Standard deviation of the noise."), 0)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
