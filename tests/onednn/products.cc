// matmul, convolution and pooling against the reference kernels, over shapes that fit no block.
#include "compare.h"

using namespace generalizer;
using namespace generalizer::test;

TEST_CASE("products agree for every transposition") {
  const auto [m, k, n] = GENERATE(std::tuple{1, 1, 1}, std::tuple{7, 5, 3}, std::tuple{1, 33, 10},
                                  std::tuple{32, 128, 10}, std::tuple{17, 64, 1}, std::tuple{33, 1, 19});
  const bool ta = GENERATE(false, true);
  const bool tb = GENERATE(false, true);
  INFO(m << "×" << k << "·" << k << "×" << n << ", transposed: " << ta << tb);
  Case c;
  const Tensor a = ta ? c.input("a", {k, m}) : c.input("a", {m, k});
  const Tensor b = tb ? c.variable("b", {n, k}) : c.variable("b", {k, n});
  c.output("y", matmul(a, b, ta, tb));
  c.check();
}

TEST_CASE("bias and activation after a product or convolution agree") {
  const std::string activation = GENERATE("relu", "leaky_relu", "sigmoid", "tanh", "none");
  const bool convolution = GENERATE(false, true);
  const bool transposed = GENERATE(false, true);
  INFO(activation);
  Case c;
  const Tensor bias = c.variable("bias", {20});
  Tensor y = convolution  ? conv2d(c.input("x", {3, 4, 8, 6}), c.variable("w", {20, 4, 3, 3}))
             : transposed ? matmul(c.input("x", {5, 9}), c.variable("w", {20, 9}), false, true)
                          : matmul(c.input("x", {5, 9}), c.variable("w", {9, 20}));
  y = bias_add(y, bias);
  if (activation == "relu") y = relu(y);
  if (activation == "leaky_relu") y = leaky_relu(y, 0.25);
  if (activation == "sigmoid") y = sigmoid(y);
  if (activation == "tanh") y = tanh(y);
  c.output("y", y);
  c.output("doubled", y * 2.0);
  c.check();
}

namespace {

struct ConvolutionCase {
  const char* what;
  std::int64_t images, channels, height, width, filters, kernel;
  ConvolutionGeometry geometry;
};

const std::vector<ConvolutionCase> convolutions = {
    {"first layer", 4, 1, 28, 28, 32, 3, {}},
    {"colour, padded", 3, 3, 9, 11, 16, 3, {.padding = {1, 1, 1, 1}}},
    {"blocks", 2, 32, 7, 7, 64, 3, {.padding = {1, 1, 1, 1}}},
    {"odd channels", 2, 5, 8, 6, 20, 3, {.strides = {2, 1}}},
    {"uneven padding", 2, 4, 7, 7, 6, 4, {.strides = {2, 2}, .padding = {1, 2, 0, 1}}},
    {"dilated", 2, 16, 11, 11, 16, 3, {.dilations = {2, 2}}},
    {"groups", 2, 8, 6, 6, 12, 3, {.groups = 4}},
    {"depthwise", 2, 32, 6, 6, 32, 3, {.padding = {1, 1, 1, 1}, .groups = 32}},
    {"1×1", 3, 17, 5, 5, 9, 1, {}},
    {"one pixel", 2, 16, 3, 3, 16, 3, {}},
};

}  // namespace

TEST_CASE("convolutions and their gradients agree") {
  const auto& given = GENERATE(from_range(convolutions));
  INFO(given.what);
  Case c;
  const Tensor x = c.input("x", {given.images, given.channels, given.height, given.width});
  const Tensor w =
      c.variable("w", {given.filters, given.channels / given.geometry.groups, given.kernel, given.kernel});
  const Tensor y = conv2d(x, w, given.geometry);
  const Tensor dy = c.input("dy", y.shape());
  c.output("y", y);
  c.output("dx", conv2d_backward_data(dy, w, given.geometry, {given.height, given.width}));
  c.output("dw", conv2d_backward_weights(x, dy, given.geometry, {given.kernel, given.kernel}));
  c.output("dbias", channel_sum(dy));
  c.check();
}

TEST_CASE("a transposed convolution to one channel agrees") {
  Case c;
  const Tensor x = c.input("x", {5, 32, 14, 14});
  const Tensor w = c.variable("w", {32, 1, 4, 4});
  const Tensor bias = c.variable("bias", {1});
  const ConvolutionGeometry geometry{.strides = {2, 2}, .padding = {1, 1, 1, 1}};
  c.output("y", sigmoid(bias_add(conv2d_backward_data(x, w, geometry, {28, 28}), bias)));
  c.check();
}

TEST_CASE("pooling and its gradient agree") {
  const std::int64_t channels = GENERATE(1, 5, 16, 32);
  const PoolingGeometry geometry = GENERATE(PoolingGeometry{}, PoolingGeometry{{3, 2}, {1, 2}, {1, 0, 0, 1}});
  const bool include = GENERATE(false, true);
  Case c;
  // After a convolution, so that the operand lies in blocks where it can.
  const Tensor x = conv2d(c.input("x", {2, 3, 9, 9}), c.variable("w", {channels, 3, 2, 2}));
  const std::vector<Tensor> largest = max_pool2d(x, geometry);
  const Tensor mean = avg_pool2d(x, geometry, include);
  const Tensor dy = c.input("dy", mean.shape());
  c.output("max", largest[0]);
  c.output("mean", mean);
  c.output("dmax", max_pool2d_backward(dy, largest[1], geometry, {8, 8}));
  c.output("dmean", avg_pool2d_backward(dy, geometry, include, {8, 8}));
  c.output("dmean in blocks", avg_pool2d_backward(mean, geometry, include, {8, 8}));
  c.check();
}

TEST_CASE("a relu keeps what is no number, fused or not") {
  const std::string where = GENERATE("conv2d", "matmul", "batch_norm", "alone");
  INFO(where);
  Case c;
  Tensor y = where == "conv2d"   ? conv2d(c.input("x", {2, 3, 8, 6}), c.variable("w", {20, 3, 3, 3}))
             : where == "matmul" ? matmul(c.input("x", {5, 9}), c.variable("w", {9, 20}))
                                 : c.input("x", {5, 20});
  const Tensor bias = c.variable("bias", {20});
  y = where == "batch_norm" ? batch_norm(y, c.variable("scale", {20}), bias, 1e-3)[0] : bias_add(y, bias);
  y = relu(y);
  c.output("y", y);
  c.given["bias"].set(7, std::nan(""));
  const auto session = open_onednn();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  const Array found = run(*executable, c.given).at("y");
  const auto plane = static_cast<std::size_t>(found.size()) / static_cast<std::size_t>(y.dim(0) * 20);
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i << " is " << found.get(i));
    if (i / plane % 20 == 7) {
      REQUIRE(std::isnan(found.get(i)));
    } else {
      REQUIRE(found.get(i) >= 0.0);
    }
  }
}
