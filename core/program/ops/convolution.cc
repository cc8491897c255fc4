#include "program/ops/convolution.h"

namespace generalizer::ops {
namespace {

void require_image(const Shape& shape, const char* name) {
  require_rank(shape, name, 4, "batch×channels×height×width");
}

void require_weights(const Shape& shape) {
  require_rank(shape, "weights", 4, "outputs×(inputs / groups)×height×width");
}

std::int64_t groups_of(const Attributes& attributes) {
  const std::int64_t groups = attributes.integer("groups");
  if (groups < 1) throw Error("\"groups\" is " + std::to_string(groups) + " and must be at least 1");
  return groups;
}

void require_divisible(std::int64_t channels, const char* which, std::int64_t groups) {
  if (channels % groups == 0) return;
  throw Error(std::to_string(channels) + " " + which + " channels can't be divided into " +
              std::to_string(groups) + " groups");
}

void require_mapped(const ConvolutionSizes& s, const Shape& y, const char* name) {
  const auto& [rows, columns] = s.window;
  if (y[0] == s.batch && y[1] == s.out_channels && y[2] == rows.output && y[3] == columns.output) return;
  throw Error("the " + std::string(name) + " is " + y.to_string() + ", but the convolution of " +
              s.x_shape().to_string() + " with " + s.weights_shape().to_string() + " gives " +
              s.y_shape().to_string());
}

}  // namespace

ConvolutionSizes sizes_of_conv2d(const Shape& x, const Shape& weights, const Attributes& attributes) {
  require_image(x, "image");
  require_weights(weights);
  ConvolutionSizes s{x[0], groups_of(attributes), x[1], weights[0], {}};
  require_divisible(s.in_channels, "input", s.groups);
  require_divisible(s.out_channels, "output", s.groups);
  if (weights[1] != s.in_channels / s.groups) {
    throw Error("the image has " + std::to_string(s.in_channels) + " channels in " +
                std::to_string(s.groups) + " groups, so the weights must take " +
                std::to_string(s.in_channels / s.groups) + ", and they take " + std::to_string(weights[1]));
  }
  s.window = make_window(attributes, x[2], x[3], weights[2], weights[3]);
  return s;
}

ConvolutionSizes sizes_of_backward_data(const Shape& y, const Shape& weights, const Attributes& attributes) {
  require_image(y, "output gradient");
  require_weights(weights);
  if (y[1] != weights[0]) {
    throw Error("the output gradient has " + std::to_string(y[1]) + " channels, and the weights have " +
                std::to_string(weights[0]) + " outputs; the two must be equal");
  }
  const auto size = integer_list(attributes, "input_size", 2, 1);
  ConvolutionSizes s{y[0], groups_of(attributes), weights[1] * attributes.integer("groups"), y[1], {}};
  require_divisible(s.out_channels, "output", s.groups);
  s.window = make_window(attributes, size[0], size[1], weights[2], weights[3]);
  require_mapped(s, y, "output gradient");
  return s;
}

ConvolutionSizes sizes_of_backward_weights(const Shape& x, const Shape& y, const Attributes& attributes) {
  require_image(x, "image");
  require_image(y, "output gradient");
  const auto kernel = integer_list(attributes, "kernel_size", 2, 1);
  ConvolutionSizes s{x[0], groups_of(attributes), x[1], y[1], {}};
  require_divisible(s.in_channels, "input", s.groups);
  require_divisible(s.out_channels, "output", s.groups);
  s.window = make_window(attributes, x[2], x[3], kernel[0], kernel[1]);
  require_mapped(s, y, "output gradient");
  return s;
}

double convolution_flops(const ConvolutionSizes& sizes) {
  const double taps =
      static_cast<double>(sizes.weights_shape().elements()) / static_cast<double>(sizes.out_channels);
  return 2.0 * static_cast<double>(sizes.y_shape().elements()) * taps;
}

ConvolutionGeometry geometry_of(const Attributes& attributes) {
  return {attributes.integers("strides"), attributes.integers("padding"), attributes.integers("dilations"),
          attributes.integer("groups")};
}

Attributes attributes_of(const ConvolutionGeometry& geometry) {
  return {{"strides", geometry.strides},
          {"padding", geometry.padding},
          {"dilations", geometry.dilations},
          {"groups", geometry.groups}};
}

}  // namespace generalizer::ops
