#pragma once

#include "generalizer/ops.h"
#include "program/ops/window.h"

/// What the pooling ops share: images x F[N×C×H×W], plane by plane, pooled to y F[N×C×H'×W'].
namespace generalizer::ops {

struct PoolingSizes {
  std::int64_t batch = 0;
  std::int64_t channels = 0;
  Window window;

  std::int64_t planes() const { return batch * channels; }
  std::int64_t input_plane() const { return window.rows.input * window.columns.input; }
  std::int64_t output_plane() const { return window.rows.output * window.columns.output; }
  Shape x_shape() const { return {batch, channels, window.rows.input, window.columns.input}; }
  Shape y_shape() const { return {batch, channels, window.rows.output, window.columns.output}; }
};

/// From an image's shape. Throws `Error` where window and image don't fit together.
PoolingSizes sizes_of_pool(const Shape& x, const Attributes& attributes);
/// From the pooled image's shape and `input_size`.
PoolingSizes sizes_of_pool_backward(const Shape& y, const Attributes& attributes);

/// Calls f(output, input, divisor) for each pair of a pooled element and an element under its window: indices
/// in whole tensors, and by how much the mean divides.
template <class F>
void for_each_pair(const PoolingSizes& s, bool count_include_pad, F&& f) {
  const auto& [rows, columns] = s.window;
  std::int64_t output = 0;
  for (std::int64_t p = 0; p < s.planes(); ++p) {
    for (std::int64_t oh = 0; oh < rows.output; ++oh) {
      const auto [top, bottom] = rows.taps_at(oh);
      for (std::int64_t ow = 0; ow < columns.output; ++ow, ++output) {
        const auto [left, right] = columns.taps_at(ow);
        const std::int64_t divisor =
            count_include_pad ? rows.kernel * columns.kernel : (bottom - top) * (right - left);
        for (std::int64_t kh = top; kh < bottom; ++kh) {
          for (std::int64_t kw = left; kw < right; ++kw) {
            f(output, p * s.input_plane() + rows.source(oh, kh) * columns.input + columns.source(ow, kw),
              divisor);
          }
        }
      }
    }
  }
}

PoolingGeometry pooling_geometry_of(const Attributes& attributes);
Attributes attributes_of(const PoolingGeometry& geometry);

/// Whether a mean counts the padding as zeros.
bool counts_padding(const Attributes& attributes);

}  // namespace generalizer::ops
