#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "program/ops/operand_checks.h"

namespace generalizer::ops {

/// One spatial axis under a sliding window: output o reads, at tap t, input o·stride − before + t·dilation;
/// outside of [0, input) lies padding.
struct WindowAxis {
  std::int64_t input = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t before = 0;
  std::int64_t after = 0;
  std::int64_t dilation = 1;
  std::int64_t output = 0;

  std::int64_t reach() const { return dilation * (kernel - 1) + 1; }
  bool fits() const { return input + before + after >= reach(); }
  std::int64_t outputs() const { return (input + before + after - reach()) / stride + 1; }
  std::int64_t source(std::int64_t out, std::int64_t tap) const {
    return out * stride - before + tap * dilation;
  }

  /// The outputs [first, second) that read inside of the input at this tap.
  std::pair<std::int64_t, std::int64_t> outputs_at(std::int64_t tap) const {
    const std::int64_t shift = before - tap * dilation;  // source = out·stride − shift
    const std::int64_t begin = shift <= 0 ? 0 : (shift + stride - 1) / stride;
    const std::int64_t end = input + shift <= 0 ? 0 : (input + shift - 1) / stride + 1;
    return {std::min(begin, output), std::clamp(end, std::min(begin, output), output)};
  }

  /// The taps [first, second) of a window without dilation that lie inside of the input.
  std::pair<std::int64_t, std::int64_t> taps_at(std::int64_t out) const {
    const std::int64_t start = out * stride - before;
    return {std::max<std::int64_t>(0, -start), std::min(kernel, input - start)};
  }
};

/// Rows and columns of an image.
struct Window {
  WindowAxis rows;
  WindowAxis columns;
};

/// Reads strides, padding and dilations (1 where the op has none), fills in the output extents, and throws
/// where the window does not fit.
inline Window make_window(const Attributes& attributes, std::int64_t height, std::int64_t width,
                          std::int64_t kernel_height, std::int64_t kernel_width) {
  const auto strides = integer_list(attributes, "strides", 2, 1);
  const auto padding = integer_list(attributes, "padding", 4, 0);
  Window w{{height, kernel_height, strides[0], padding[0], padding[1]},
           {width, kernel_width, strides[1], padding[2], padding[3]}};
  if (attributes.has("dilations")) {
    const auto dilations = integer_list(attributes, "dilations", 2, 1);
    w.rows.dilation = dilations[0];
    w.columns.dilation = dilations[1];
  }
  if (!w.rows.fits() || !w.columns.fits()) {
    const bool dilated = w.rows.dilation != 1 || w.columns.dilation != 1;
    throw Error("a " + std::to_string(kernel_height) + "×" + std::to_string(kernel_width) + " window" +
                (dilated ? " with dilations " + join(attributes.integers("dilations")) : "") +
                " does not fit a " + std::to_string(height) + "×" + std::to_string(width) +
                " image with padding " + join(padding) +
                " (top, bottom, left, right): make the window smaller or the padding larger");
  }
  w.rows.output = w.rows.outputs();
  w.columns.output = w.columns.outputs();
  return w;
}

}  // namespace generalizer::ops
