#include "program/ops/pooling.h"

namespace generalizer::ops {
namespace {

Window window_over(const Attributes& attributes, std::int64_t height, std::int64_t width) {
  const auto kernel = integer_list(attributes, "kernel", 2, 1);
  const auto padding = integer_list(attributes, "padding", 4, 0);
  // Otherwise a window could lie in the padding alone, where there is neither a largest element nor a mean.
  if (std::max(padding[0], padding[1]) >= kernel[0] || std::max(padding[2], padding[3]) >= kernel[1]) {
    throw Error("the padding " + join(padding) +
                " (top, bottom, left, right) must be smaller than the window, " + join(kernel, "×"));
  }
  return make_window(attributes, height, width, kernel[0], kernel[1]);
}

}  // namespace

PoolingSizes sizes_of_pool(const Shape& x, const Attributes& attributes) {
  require_rank(x, "image", 4, "batch×channels×height×width");
  return {x[0], x[1], window_over(attributes, x[2], x[3])};
}

PoolingSizes sizes_of_pool_backward(const Shape& y, const Attributes& attributes) {
  require_rank(y, "output gradient", 4, "batch×channels×height×width");
  const auto size = integer_list(attributes, "input_size", 2, 1);
  const PoolingSizes s{y[0], y[1], window_over(attributes, size[0], size[1])};
  if (y[2] != s.window.rows.output || y[3] != s.window.columns.output) {
    throw Error("the output gradient is " + y.to_string() + " and must be " + s.y_shape().to_string() +
                ", what pooling makes of a " + join(size, "×") + " image");
  }
  return s;
}

PoolingGeometry pooling_geometry_of(const Attributes& attributes) {
  return {attributes.integers("kernel"), attributes.integers("strides"), attributes.integers("padding")};
}

Attributes attributes_of(const PoolingGeometry& geometry) {
  return {{"kernel", geometry.kernel}, {"strides", geometry.strides}, {"padding", geometry.padding}};
}

bool counts_padding(const Attributes& attributes) {
  // Too long a name for a string without an allocation, and kernels, which must not allocate, ask for it.
  static const std::string name = "count_include_pad";
  return attributes.integer(name) != 0;
}

}  // namespace generalizer::ops
