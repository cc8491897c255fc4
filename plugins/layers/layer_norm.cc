#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

/// The numbers that are brought to one mean and variance: those of a token (N×T×C → C), of a vector or of an image.
Shape normalised_shape(const Shape& x) {
  if (x.rank() == 3) return {x[2]};
  return Shape(std::vector<std::int64_t>(x.begin() + 1, x.end()));
}

/// Any shape → the same, each run of so many numbers in memory brought to mean 0 and variance 1.
Tensor normalised(const LayerBuilder& layer, const Tensor& x, std::int64_t numbers) {
  const Tensor rows = generalizer::reshape(x, {x.shape().elements() / numbers, numbers});
  return generalizer::reshape(normalize_rows(rows, layer.number("epsilon"))[0], x.shape());
}

/// The same along one axis alone, which goes to the end and comes back.
Tensor normalised_along(const LayerBuilder& layer, const Tensor& x, std::int64_t axis) {
  const auto last = static_cast<std::int64_t>(x.rank()) - 1;
  if (axis == last) return normalised(layer, x, x.dim(x.rank() - 1));
  std::vector<std::int64_t> there;
  for (std::int64_t i = 0; i <= last; ++i) {
    if (i != axis) there.push_back(i);
  }
  there.push_back(axis);
  std::vector<std::int64_t> back(there.size());
  for (std::size_t i = 0; i < there.size(); ++i) back[static_cast<std::size_t>(there[i])] = static_cast<std::int64_t>(i);
  return transpose(normalised(layer, transpose(x, there), x.dim(static_cast<std::size_t>(axis))), back);
}

/// One number for each place along the axis, C×1×1 for the channels of images.
Tensor along(const Tensor& weight, const Tensor& x, std::int64_t axis) {
  std::vector<std::int64_t> extents(x.rank() - static_cast<std::size_t>(axis), 1);
  extents.front() = weight.dim(0);
  return generalizer::reshape(weight, Shape(extents));
}

/// N×K, N×T×C or N×C×H×W → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  if (x.rank() < 2) layer.fail("it needs vectors (N×K), tokens (N×T×C) or images (N×C×H×W)");
  const bool whole = !layer.parameters().has("axis");
  const std::int64_t axis = whole ? 1 : axis_of(layer);
  const Shape shape = whole ? normalised_shape(x.shape()) : Shape{x.dim(static_cast<std::size_t>(axis))};
  Tensor y = whole ? normalised(layer, x, shape.elements()) : normalised_along(layer, x, axis);
  if (layer.boolean("affine")) {
    const Tensor scale = layer.weight("scale", shape, ones());
    const Tensor shift = layer.weight("shift", shape, zeros());
    y = whole ? y * scale + shift : y * along(scale, x, axis) + along(shift, x, axis);
  }
  return apply_activation(layer, y);
}

}  // namespace

LayerType layer_norm() {
  LayerType type;
  type.name = "layer_norm";
  type.summary =
      "Brings the numbers of each sample (of each token, for N×T×C; of each place, along an axis) to mean 0 and variance 1, then scales "
      "and shifts them (Ba, Kiros, Hinton, 2016).";
  ParameterSpec axis = required_parameter(
      "axis", {ParameterType::integer},
      "Numbers along this axis alone are brought together, counted from the batch, 0, or back from the last, −1: 1 for the channels of each "
      "pixel. Without it all of a sample's, or a token's, are.");
  axis.optional = true;
  type.parameters = {
      std::move(axis),
      above(parameter("epsilon", {ParameterType::number}, 1e-5, "Added to the variance before its root is taken."), 0),
      parameter("affine", {ParameterType::boolean}, true, "Whether the result is scaled and shifted by trained numbers."),
      activation_parameter()};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
