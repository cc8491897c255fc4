#include "layers.h"

namespace generalizer::layers {
namespace {

/// The numbers that are brought to one mean and variance: those of a token (N×T×C → C), of a vector or of an image.
Shape normalised_shape(const Shape& x) {
  if (x.rank() == 3) return {x[2]};
  return Shape(std::vector<std::int64_t>(x.begin() + 1, x.end()));
}

/// N×K, N×T×C or N×C×H×W → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  if (x.rank() < 2) layer.fail("it needs vectors (N×K), tokens (N×T×C) or images (N×C×H×W)");
  const Shape shape = normalised_shape(x.shape());
  const Shape rows{x.shape().elements() / shape.elements(), shape.elements()};
  const Tensor normal = normalize_rows(generalizer::reshape(x, rows), layer.number("epsilon"))[0];
  Tensor y = generalizer::reshape(normal, x.shape());
  if (layer.boolean("affine")) y = y * layer.weight("scale", shape, ones()) + layer.weight("shift", shape, zeros());
  return apply_activation(layer, y);
}

}  // namespace

LayerType layer_norm() {
  LayerType type;
  type.name = "layer_norm";
  type.summary =
      "Brings the numbers of each sample (of each token, for N×T×C) to mean 0 and variance 1, then scales and shifts each place "
      "(Ba, Kiros, Hinton, 2016).";
  type.parameters = {
      above(parameter("epsilon", {ParameterType::number}, 1e-5, "Added to the variance before its root is taken."), 0),
      parameter("affine", {ParameterType::boolean}, true, "Whether the result is scaled and shifted by trained numbers."),
      activation_parameter()};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
