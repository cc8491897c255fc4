#include "checks.h"
#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×filters×H'×W'
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)",
                     "put the convolution before the flatten layer, or a reshape layer before it");
  const Tensor& x = layer.input();
  const Window window{pair(layer, "kernel"), pair(layer, "stride"), pair(layer, "dilation")};
  const std::vector<std::int64_t> padding = padding_for(layer, window, x.dim(2), x.dim(3));
  require_fit(layer, window, padding);

  const std::int64_t filters = layer.integer("filters");
  const std::int64_t groups = groups_of(layer, filters);
  const std::int64_t depth = x.dim(1) / groups;
  const std::int64_t area = window.kernel[0] * window.kernel[1];
  const Tensor kernel = layer.weight("kernel", {filters, depth, window.kernel[0], window.kernel[1]},
                                     chosen_initializer(layer, "kernel_initializer", depth * area, filters * area));
  Tensor y = generalizer::conv2d(x, kernel, {window.strides, padding, window.dilations, groups});
  if (layer.boolean("bias")) y = bias_add(y, layer.weight("bias", {filters}, chosen_initializer(layer, "bias_initializer", filters, filters)));
  return apply_activation(layer, y);
}

}  // namespace

LayerType conv2d() {
  LayerType type;
  type.name = "conv2d";
  type.summary =
      "Convolution over images (cross-correlation): each filter weighs a window of all channels and adds it "
      "up.";
  type.parameters = {
      at_least(required_parameter("filters", {ParameterType::integer}, "Channels of the output."), 1),
      kernel_parameter("Size of the window in pixels: one number, or [rows, columns]."),
      pair_parameter("stride", 1, "Pixels from one window to the next: one number, or [rows, columns]."),
      padding_parameter("valid"),
      pair_parameter("dilation", 1, "Pixels from one of the window's elements to the next; 1: no gaps."),
      groups_parameter(),
      parameter("bias", {ParameterType::boolean}, true,
                "Whether a trained constant is added for each filter."),
      activation_parameter(),
      initializer_parameter("kernel_initializer", "glorot_uniform"),
      initializer_parameter("bias_initializer", "zeros"),
  };
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
