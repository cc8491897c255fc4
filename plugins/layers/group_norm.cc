#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×C×… → the same
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  if (x.rank() < 2) layer.fail("it needs channels (N×C×…), and its input " + x.shape().to_string() + " has none");
  const std::int64_t groups = layer.integer("groups");
  const std::int64_t channels = x.dim(1);
  if (channels % groups != 0) {
    layer.fail_at("groups",
                  "groups = " + std::to_string(groups) + " has to divide the input's " + std::to_string(channels) +
                      " channels",
                  "choose a divisor of " + std::to_string(channels) + "; groups = 1 normalises each image as a whole");
  }
  const Shape rows{x.dim(0) * groups, x.shape().elements() / (x.dim(0) * groups)};
  const Tensor normal = normalize_rows(generalizer::reshape(x, rows), layer.number("epsilon"))[0];
  Tensor y = generalizer::reshape(normal, x.shape());
  if (layer.boolean("affine")) {
    std::vector<std::int64_t> extents(x.rank() - 1, 1);  // C×1×1, to stretch over rows and columns
    extents[0] = channels;
    y = y * generalizer::reshape(layer.weight("scale", {channels}, ones()), Shape(extents));
    y = bias_add(y, layer.weight("shift", {channels}, zeros()));
  }
  return apply_activation(layer, y);
}

}  // namespace

LayerType group_norm() {
  LayerType type;
  type.name = "group_norm";
  type.summary =
      "Brings groups of each image's channels to mean 0 and variance 1, then scales and shifts each channel; independent of the "
      "batch (Wu, He, 2018). As many groups as channels: instance normalisation.";
  type.parameters = {
      at_least(parameter("groups", {ParameterType::integer}, std::int64_t{32}, "Parts that the channels are split into."), 1),
      above(parameter("epsilon", {ParameterType::number}, 1e-5, "Added to the variance before its root is taken."), 0),
      parameter("affine", {ParameterType::boolean}, true, "Whether each channel is scaled and shifted by trained numbers."),
      activation_parameter()};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
