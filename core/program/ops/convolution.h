#pragma once

#include "generalizer/ops.h"
#include "program/ops/window.h"

/// What conv2d and its two gradients share: the three read and write the same images x F[N×I×H×W], weights
/// F[O×(I/groups)×KH×KW] and y F[N×O×H'×W'], each making one from the other two.
namespace generalizer::ops {

struct ConvolutionSizes {
  std::int64_t batch = 0;
  std::int64_t groups = 1;
  std::int64_t in_channels = 0;
  std::int64_t out_channels = 0;
  Window window;

  Shape x_shape() const { return {batch, in_channels, window.rows.input, window.columns.input}; }
  Shape weights_shape() const {
    return {out_channels, in_channels / groups, window.rows.kernel, window.columns.kernel};
  }
  Shape y_shape() const { return {batch, out_channels, window.rows.output, window.columns.output}; }
};

/// From the shapes of two operands and the attributes. Throws `Error` where they do not fit together.
ConvolutionSizes sizes_of_conv2d(const Shape& x, const Shape& weights, const Attributes& attributes);
ConvolutionSizes sizes_of_backward_data(const Shape& y, const Shape& weights, const Attributes& attributes);
ConvolutionSizes sizes_of_backward_weights(const Shape& x, const Shape& y, const Attributes& attributes);

double convolution_flops(const ConvolutionSizes& sizes);

ConvolutionGeometry geometry_of(const Attributes& attributes);
Attributes attributes_of(const ConvolutionGeometry& geometry);

/// Calls f(weight, x, y, count) for every piece of an output row that one weight reaches: indices of the
/// weight, of the first element of x (the next ones lie a column stride apart) and of y (side by side).
/// Planes of x and y stay in the cache while the taps pass over them.
template <class F>
void for_each_row(const ConvolutionSizes& s, F&& f) {
  const auto& [rows, columns] = s.window;
  const std::int64_t group_in = s.in_channels / s.groups;
  const std::int64_t group_out = s.out_channels / s.groups;
  for (std::int64_t n = 0; n < s.batch; ++n) {
    for (std::int64_t o = 0; o < s.out_channels; ++o) {
      const std::int64_t y_plane = (n * s.out_channels + o) * rows.output * columns.output;
      for (std::int64_t i = 0; i < group_in; ++i) {
        const std::int64_t x_plane =
            (n * s.in_channels + o / group_out * group_in + i) * rows.input * columns.input;
        std::int64_t weight = (o * group_in + i) * rows.kernel * columns.kernel;
        for (std::int64_t kh = 0; kh < rows.kernel; ++kh) {
          const auto [top, bottom] = rows.outputs_at(kh);
          for (std::int64_t kw = 0; kw < columns.kernel; ++kw, ++weight) {
            const auto [left, right] = columns.outputs_at(kw);
            if (left == right) continue;
            for (std::int64_t oh = top; oh < bottom; ++oh) {
              f(weight, x_plane + rows.source(oh, kh) * columns.input + columns.source(left, kw),
                y_plane + oh * columns.output + left, right - left);
            }
          }
        }
      }
    }
  }
}

}  // namespace generalizer::ops
