#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/layer.h"

/// What layers that move a window over images share.
namespace generalizer::layers {

// Parameters
ParameterSpec kernel_parameter(std::string help);  ///< required
ParameterSpec padding_parameter(
    const std::string& default_value);  ///< "valid", "same", a number, [rows, columns] or all four
ParameterSpec pair_parameter(std::string name, std::int64_t default_value, std::string help);

/// `name = 3` or `name = [3, 5]`: rows, columns. Fails at the parameter for a list of another length.
std::vector<std::int64_t> pair(const LayerBuilder& layer, const std::string& name);

/// A window's way over an image: sizes in pixels, {rows, columns}.
struct Window {
  std::vector<std::int64_t> kernel;
  std::vector<std::int64_t> strides = {1, 1};
  std::vector<std::int64_t> dilations = {1, 1};

  /// Pixels from the window's first to its last row (axis 0) or column (axis 1), both counted.
  std::int64_t reach(std::size_t axis) const { return dilations[axis] * (kernel[axis] - 1) + 1; }
};

/// The `padding` parameter where it is numbers: {top, bottom, left, right}; zeros for "valid".
std::vector<std::int64_t> explicit_padding(const LayerBuilder& layer);

/// The `padding` parameter for an image of that size {H, W}, as {top, bottom, left, right}. "same" gives
/// ⌈size/stride⌉ outputs, and an odd pixel goes to the bottom or the right, as in TensorFlow and PyTorch.
std::vector<std::int64_t> padding_for(const LayerBuilder& layer, const Window& window, std::int64_t rows,
                                      std::int64_t columns);

/// Fails at `kernel` when the window doesn't fit into the padded image once.
void require_fit(const LayerBuilder& layer, const Window& window, const std::vector<std::int64_t>& padding);

/// What max_pool2d and avg_pool2d share: kernel, stride (default: the kernel) and padding. The geometry is checked
/// against the input.
std::vector<ParameterSpec> pooling_parameters();
PoolingGeometry pooling_geometry(const LayerBuilder& layer);

/// `name = 1`, `[rows, columns]` or `[top, bottom, left, right]`, in pixels.
ParameterSpec sides_parameter(std::string name, const std::string& help);
/// That parameter as {top, bottom, left, right}. Fails at it for a list of another length.
std::vector<std::int64_t> sides(const LayerBuilder& layer, const std::string& name);

/// "3×5"
std::string size_text(std::int64_t rows, std::int64_t columns);

}  // namespace generalizer::layers
