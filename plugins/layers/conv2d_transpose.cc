#include "checks.h"
#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// Where the output lies: its size {H', W'} and the padding of the convolution that leads from it back to the input.
struct Target {
  std::vector<std::int64_t> size;
  std::vector<std::int64_t> padding;
};

/// "same": the input's size times the stride.
Target same_target(const LayerBuilder& layer, const Window& window, const std::vector<std::int64_t>& extra) {
  if (extra[0] != 0 || extra[1] != 0) {
    layer.fail_at(
        "output_padding",
        "output_padding adds rows and columns to the output, whose size padding = \"same\" has fixed already",
        "leave output_padding out, or give the padding in pixels");
  }
  Target target;
  for (std::size_t axis = 0; axis < 2; ++axis)
    target.size.push_back(layer.input().dim(2 + axis) * window.strides[axis]);
  target.padding = padding_for(layer, window, target.size[0], target.size[1]);
  return target;
}

/// (size − 1)·stride − padding + the window's reach + output_padding
Target explicit_target(const LayerBuilder& layer, const Window& window,
                       const std::vector<std::int64_t>& extra) {
  Target target;
  target.padding = explicit_padding(layer);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (extra[axis] >= window.strides[axis]) {
      layer.fail_at("output_padding",
                    "output_padding " + size_text(extra[0], extra[1]) +
                        " has to be smaller than the stride " +
                        size_text(window.strides[0], window.strides[1]),
                    "the stride leaves that many sizes open, and output_padding chooses among them");
    }
    const std::int64_t grown =
        (layer.input().dim(2 + axis) - 1) * window.strides[axis] + window.reach(axis) + extra[axis];
    target.size.push_back(grown - target.padding[2 * axis] - target.padding[2 * axis + 1]);
  }
  if (target.size[0] < 1 || target.size[1] < 1) {
    layer.fail_at("padding",
                  "the padding takes away more than there is: the output would have " +
                      std::to_string(target.size[0]) + " rows and " + std::to_string(target.size[1]) +
                      " columns",
                  "make the padding smaller or the kernel larger");
  }
  return target;
}

/// N×C×H×W → N×filters×H'×W'
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)", "put a reshape layer before it, such as shape = [64, 7, 7]");
  const Tensor& x = layer.input();
  const Window window{pair(layer, "kernel"), pair(layer, "stride"), pair(layer, "dilation")};
  const std::vector<std::int64_t> extra = pair(layer, "output_padding");
  const bool same = layer.parameters().is_string("padding") && layer.string("padding") == "same";
  const Target target = same ? same_target(layer, window, extra) : explicit_target(layer, window, extra);

  const std::int64_t filters = layer.integer("filters");
  const std::int64_t groups = groups_of(layer, filters);
  const std::int64_t depth = filters / groups;
  const std::int64_t area = window.kernel[0] * window.kernel[1];
  const Tensor kernel = layer.weight("kernel", {x.dim(1), depth, window.kernel[0], window.kernel[1]},
                                     chosen_initializer(layer, "kernel_initializer", x.dim(1) / groups * area, filters * area));
  // The gradient by data of a convolution that leads from the output's size to the input's.
  Tensor y = conv2d_backward_data(x, kernel, {window.strides, target.padding, window.dilations, groups}, target.size);
  if (layer.boolean("bias")) y = bias_add(y, layer.weight("bias", {filters}, chosen_initializer(layer, "bias_initializer", filters, filters)));
  return apply_activation(layer, y);
}

}  // namespace

LayerType conv2d_transpose() {
  LayerType type;
  type.name = "conv2d_transpose";
  type.summary =
      "Transposed convolution: each pixel lays a weighted window over a larger output, where windows add up.";
  ParameterSpec padding = padding_parameter("valid");
  padding.help =
      "Taken away around the output, in pixels: \"valid\" (nothing), \"same\" (the output has the input's "
      "size times the "
      "stride), a number, [rows, columns] or [top, bottom, left, right].";
  type.parameters = {
      at_least(required_parameter("filters", {ParameterType::integer}, "Channels of the output."), 1),
      kernel_parameter("Size of the window in pixels: one number, or [rows, columns]."),
      pair_parameter("stride", 1,
                     "Output pixels from one window to the next: one number, or [rows, columns]."),
      std::move(padding),
      pair_parameter("dilation", 1, "Output pixels from one of the window's elements to the next; 1: no gaps."),
      groups_parameter(),
      at_least(pair_parameter("output_padding", 0,
                              "Rows and columns added at the bottom and the right, fewer than the stride: "
                              "one number, or [rows, columns]."),
               0),
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
