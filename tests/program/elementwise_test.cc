#include <cmath>
#include <limits>

#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

using Unary = Tensor (*)(const Tensor&);

Build one(Unary op) {
  return [op](auto& x) { return std::vector{op(x[0])}; };
}

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// Odd extents, a scalar, a single element.
const std::vector<Shape> shapes = {{}, {1}, {7}, {3, 5}, {2, 1, 3, 2}};

}  // namespace

TEST_CASE("elementwise ops and their gradients agree with PyTorch") {
  for (const OpDefinition* op :
       {&ops::relu(), &ops::leaky_relu(), &ops::sigmoid(), &ops::tanh(), &ops::exp(), &ops::log(),
        &ops::sqrt(), &ops::rsqrt(), &ops::square(), &ops::abs(), &ops::reciprocal(), &ops::affine()}) {
    check_golden(*op);
  }
}

TEST_CASE("gradients of smooth elementwise ops are those of finite differences") {
  for (const Unary op : {Unary{sigmoid}, Unary{generalizer::tanh}, Unary{generalizer::exp}, Unary{square}}) {
    for (const Shape& shape : shapes) check_op_gradient({random_array(shape, 1, -2.0, 2.0)}, one(op));
  }
}

TEST_CASE("gradients of elementwise ops of positive operands are those of finite differences") {
  for (const Unary op :
       {Unary{generalizer::log}, Unary{generalizer::sqrt}, Unary{rsqrt}, Unary{reciprocal}}) {
    for (const Shape& shape : shapes) check_op_gradient({random_array(shape, 2, 0.5, 2.0)}, one(op));
  }
}

TEST_CASE("gradients of elementwise ops with a kink at zero are those of finite differences beside it") {
  for (const Unary op : {Unary{relu}, Unary{generalizer::abs}}) {
    for (const Shape& shape : shapes) check_op_gradient({random_off_zero(shape, 3)}, one(op));
  }
}

TEST_CASE("gradients of leaky_relu, affine and negate are those of finite differences") {
  for (const double slope : {0.01, 0.3, 2.0}) {
    check_op_gradient({random_off_zero({3, 5}, 4)},
                      [&](auto& x) { return std::vector{leaky_relu(x[0], slope)}; });
  }
  check_op_gradient({random_array({3, 5}, 5)}, [](auto& x) { return std::vector{affine(x[0], -2.5, 0.75)}; });
  check_op_gradient({random_array({7}, 6)}, one(negate));
}

TEST_CASE("sign is −1, 0 or 1 and passes no gradient") {
  CHECK(compute({f64({4}, {-3, 0, 0.5, -0.0})}, one(sign))[0] == f64({4}, {-1, 0, 1, 0}));
  Program program("p");
  const Tensor x(program, program.add_input("x", {DType::f64, {3}}));
  const Tensor y = sign(x);
  const Node node = program.node(0);
  CHECK_FALSE(node.op->gradient({program, node, {x}, {y}, {x}, {true}})[0].defined());
}

TEST_CASE("abs has the gradient 0 at 0") {
  const auto found = compute({f64({1}, {0}), f64({1}, {3})}, [](auto& x) {
    const Tensor y = generalizer::abs(x[0]);
    const Node node = x[0].program().node(0);
    return node.op->gradient({x[0].program(), node, {x[0]}, {y}, {x[1]}, {true}});
  });
  CHECK(found[0].get(0) == 0.0);
}

TEST_CASE("a NaN stays one through relu, leaky_relu, sign, maximum and minimum") {
  const Array bad = f64({2}, {not_a_number, 1});
  CHECK(std::isnan(compute({bad}, one(relu))[0].get(0)));
  CHECK(std::isnan(compute({bad}, one(sign))[0].get(0)));
  CHECK(std::isnan(compute({bad}, [](auto& x) { return std::vector{leaky_relu(x[0], 0.1)}; })[0].get(0)));
  const Array good = f64({2}, {3, not_a_number});
  const auto two = compute({bad, good}, [](auto& x) {
    return std::vector{maximum(x[0], x[1]), minimum(x[0], x[1])};
  });
  for (const Array& result : two) {
    CHECK(std::isnan(result.get(0)));
    CHECK(std::isnan(result.get(1)));
  }
}

TEST_CASE("sigmoid of large operands is 0 or 1 and no NaN") {
  CHECK(compute({f32({4}, {-1000, 1000, -infinity, infinity})}, one(sigmoid))[0] == f32({4}, {0, 1, 0, 1}));
}

TEST_CASE("greater_equal is 1 from its threshold on") {
  const auto found = compute({f32({4}, {0.25, 0.5, 0.75, not_a_number})},
                             [](auto& x) { return std::vector{greater_equal(x[0], 0.5)}; });
  CHECK(found[0] == f32({4}, {0, 1, 1, 0}));
}

TEST_CASE("is_finite is 0 for NaN and either infinity") {
  CHECK(compute({f32({5}, {not_a_number, infinity, -infinity, 0, -3e38})}, one(is_finite))[0] ==
        f32({5}, {0, 0, 0, 1, 1}));
}

TEST_CASE("stop_gradient is its operand and passes no gradient") {
  const Array x = random_array({2, 3}, 7);
  CHECK(compute({x}, one(stop_gradient))[0] == x);
  Program program("p");
  const Tensor operand(program, program.add_input("x", x.type()));
  const Tensor y = stop_gradient(operand);
  const Node node = program.node(0);
  CHECK_FALSE(node.op->gradient({program, node, {operand}, {y}, {operand}, {true}})[0].defined());
}

TEST_CASE("elementwise ops refuse integers") {
  CHECK(refusal({{DType::i32, {2, 3}}}, one(relu)) ==
        "relu(i32[2×3]): the operand is i32[2×3] and must be of type f32 or f64");
}

TEST_CASE("leaky_relu refuses a slope that is not positive") {
  CHECK(refusal({{DType::f32, {2}}}, [](auto& x) { return std::vector{leaky_relu(x[0], 0.0)}; }) ==
        "leaky_relu(f32[2]): the slope is 0.000000 and must be greater than 0");
}

TEST_CASE("an elementwise gradient refuses operands of two shapes or types") {
  CHECK(refusal({{DType::f32, {2, 3}}, {DType::f32, {3, 2}}},
                [](auto& x) { return std::vector{sigmoid_backward(x[0], x[1])}; }) ==
        "sigmoid_backward(f32[2×3], f32[3×2]): the output is 3×2 and must be 2×3, the shape of the gradient");
  CHECK(refusal({{DType::f32, {2}}, {DType::f64, {2}}},
                [](auto& x) { return std::vector{tanh_backward(x[0], x[1])}; }) ==
        "tanh_backward(f32[2], f64[2]): the output is f64[2] and must have the type of the gradient, f32");
}
