#include "catch.h"
#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

struct Geometry {
  Shape x;
  Shape weights;
  ConvolutionGeometry geometry;
};

/// Odd sizes, and each of strides, padding, dilations and groups, also uneven ones.
const std::vector<Geometry> geometries = {
    {{1, 1, 4, 5}, {1, 1, 3, 3}, {}},
    {{2, 3, 5, 4}, {2, 3, 1, 1}, {}},
    {{1, 2, 7, 6}, {3, 2, 3, 2}, {{2, 3}, {1, 1, 1, 1}, {1, 1}, 1}},
    {{1, 1, 5, 5}, {2, 1, 2, 3}, {{1, 2}, {0, 1, 2, 0}, {1, 1}, 1}},
    {{1, 2, 7, 9}, {1, 2, 3, 3}, {{1, 1}, {0, 0, 0, 0}, {2, 3}, 1}},
    {{1, 1, 6, 7}, {2, 1, 2, 2}, {{2, 2}, {2, 1, 1, 2}, {2, 3}, 1}},
    {{2, 4, 3, 3}, {6, 2, 2, 2}, {{1, 1}, {1, 0, 0, 1}, {1, 1}, 2}},
    {{1, 3, 4, 3}, {3, 1, 3, 3}, {{2, 1}, {1, 1, 1, 1}, {1, 1}, 3}},
    {{1, 1, 1, 1}, {1, 1, 3, 3}, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 1}},  // most taps lie in the padding
    {{1, 1, 2, 2}, {1, 1, 2, 2}, {{1, 1}, {4, 4, 4, 4}, {1, 1}, 1}},  // whole windows lie in the padding
    {{1, 1, 8, 8}, {1, 1, 2, 2}, {{5, 4}, {0, 0, 0, 0}, {1, 1}, 1}},  // strides that leave pixels out
};

Shape output_shape(const Geometry& g) {
  Program program("shape");
  const Tensor x(program, program.add_input("x", {DType::f64, g.x}));
  const Tensor weights(program, program.add_input("weights", {DType::f64, g.weights}));
  return conv2d(x, weights, g.geometry).shape();
}

std::vector<std::int64_t> size_of_image(const Geometry& g) { return {g.x[2], g.x[3]}; }
std::vector<std::int64_t> size_of_kernel(const Geometry& g) { return {g.weights[2], g.weights[3]}; }

/// conv2d by its definition, element by element.
Array convolve(const Array& x, const Array& weights, const ConvolutionGeometry& g, const Shape& y_shape) {
  const Shape& xs = x.shape();
  const Shape& ws = weights.shape();
  Array y({DType::f64, y_shape});
  const auto at = [](const Array& array, std::int64_t a, std::int64_t b, std::int64_t c, std::int64_t d) {
    const Shape& s = array.shape();
    return array.get(static_cast<std::size_t>(((a * s[1] + b) * s[2] + c) * s[3] + d));
  };
  std::size_t index = 0;
  for (std::int64_t n = 0; n < y_shape[0]; ++n) {
    for (std::int64_t o = 0; o < y_shape[1]; ++o) {
      const std::int64_t first = o / (ws[0] / g.groups) * ws[1];
      for (std::int64_t oh = 0; oh < y_shape[2]; ++oh) {
        for (std::int64_t ow = 0; ow < y_shape[3]; ++ow) {
          double sum = 0.0;
          for (std::int64_t i = 0; i < ws[1]; ++i) {
            for (std::int64_t kh = 0; kh < ws[2]; ++kh) {
              for (std::int64_t kw = 0; kw < ws[3]; ++kw) {
                const std::int64_t h = oh * g.strides[0] - g.padding[0] + kh * g.dilations[0];
                const std::int64_t w = ow * g.strides[1] - g.padding[2] + kw * g.dilations[1];
                if (h < 0 || h >= xs[2] || w < 0 || w >= xs[3]) continue;
                sum += at(x, n, first + i, h, w) * at(weights, o, i, kh, kw);
              }
            }
          }
          y.set(index++, sum);
        }
      }
    }
  }
  return y;
}

}  // namespace

TEST_CASE("conv2d and its gradients agree with PyTorch") { check_golden(ops::conv2d()); }

TEST_CASE("The transposed convolution and its gradients agree with PyTorch") {
  check_golden(ops::conv2d_backward_data());
}

TEST_CASE("The gradient of a convolution by its weights agrees with PyTorch") {
  check_golden(ops::conv2d_backward_weights());
}

TEST_CASE("conv2d is the sum of its definition") {
  for (const Geometry& g : geometries) {
    INFO(g.x.to_string() << " by " << g.weights.to_string());
    const Array x = random_array(g.x, 1);
    const Array weights = random_array(g.weights, 2);
    const Array y =
        compute({x, weights}, [&](auto& t) { return std::vector{conv2d(t[0], t[1], g.geometry)}; })[0];
    require_close(y, convolve(x, weights, g.geometry, output_shape(g)), 1e-13);
  }
}

TEST_CASE("conv2d's gradient is that of finite differences") {
  for (const Geometry& g : geometries) {
    INFO(g.x.to_string() << " by " << g.weights.to_string());
    check_op_gradient({random_array(g.x, 3), random_array(g.weights, 4)},
                      [&](auto& t) { return std::vector{conv2d(t[0], t[1], g.geometry)}; });
  }
}

TEST_CASE("The gradient of conv2d_backward_data is that of finite differences") {
  for (const Geometry& g : geometries) {
    INFO(g.x.to_string() << " by " << g.weights.to_string());
    check_op_gradient({random_array(output_shape(g), 5), random_array(g.weights, 6)}, [&](auto& t) {
      return std::vector{conv2d_backward_data(t[0], t[1], g.geometry, size_of_image(g))};
    });
  }
}

TEST_CASE("The gradient of conv2d_backward_weights is that of finite differences") {
  for (const Geometry& g : geometries) {
    INFO(g.x.to_string() << " by " << g.weights.to_string());
    check_op_gradient({random_array(g.x, 7), random_array(output_shape(g), 8)}, [&](auto& t) {
      return std::vector{conv2d_backward_weights(t[0], t[1], g.geometry, size_of_kernel(g))};
    });
  }
}

TEST_CASE("A convolution whose operands don't fit says what was found and what was expected") {
  Program program("p");
  auto input = [&, count = 0](Shape shape) mutable {
    return Tensor(program, program.add_input("x" + std::to_string(count++), {DType::f32, std::move(shape)}));
  };
  const Tensor image = input({1, 3, 2, 2});
  CHECK_THROWS_WITH(conv2d(image, input({4, 3, 3, 3})),
                    Catch::Contains("a 3×3 window does not fit a 2×2 image with padding 0,0,0,0"));
  CHECK_THROWS_WITH(conv2d(image, input({4, 3, 2, 2}), {{1, 1}, {0, 0, 0, 0}, {2, 1}, 1}),
                    Catch::Contains("a 2×2 window with dilations 2,1 does not fit a 2×2 image"));
  CHECK_THROWS_WITH(conv2d(image, input({4, 2, 1, 1})),
                    Catch::Contains("the weights must take 3, and they take 2"));
  CHECK_THROWS_WITH(conv2d(image, input({4, 1, 1, 1}), {{1, 1}, {0, 0, 0, 0}, {1, 1}, 2}),
                    Catch::Contains("3 input channels can't be divided into 2 groups"));
  CHECK_THROWS_WITH(conv2d(image, input({4, 3, 1, 1}), {{0, 1}, {0, 0, 0, 0}, {1, 1}, 1}),
                    Catch::Contains("\"strides\" is [0,1] and must be 2 integers of at least 1"));
  CHECK_THROWS_WITH(
      conv2d(input({3, 2, 2}), input({4, 3, 1, 1})),
      Catch::Contains("the image is 3×2×2 with 3 axes and must have 4: batch×channels×height×width"));
  CHECK_THROWS_WITH(
      conv2d_backward_data(input({1, 4, 2, 2}), input({4, 3, 3, 3}), {}, {7, 7}),
      Catch::Contains(
          "the output gradient is 1×4×2×2, but the convolution of 1×3×7×7 with 4×3×3×3 gives 1×4×5×5"));
  CHECK_THROWS_WITH(
      conv2d_backward_weights(input({2, 1, 5, 5}), input({1, 4, 3, 3}), {}, {3, 3}),
      Catch::Contains(
          "the output gradient is 1×4×3×3, but the convolution of 2×1×5×5 with 4×1×3×3 gives 2×4×3×3"));
}
