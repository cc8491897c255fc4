#include <limits>

#include "generalizer/ops.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

constexpr DType all_types[] = {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8};

Build reshaped(Shape shape) {
  return [=](auto& x) { return std::vector{reshape(x[0], shape)}; };
}
Build transposed(std::vector<std::int64_t> permutation) {
  return [=](auto& x) { return std::vector{transpose(x[0], permutation)}; };
}
Build joined(std::int64_t axis) {
  return [=](auto& x) { return std::vector{concat(x, axis)}; };
}
Build sliced(std::int64_t axis, std::int64_t begin, std::int64_t end) {
  return [=](auto& x) { return std::vector{slice(x[0], axis, begin, end)}; };
}
Build padded(std::int64_t axis, std::int64_t before, std::int64_t after) {
  return [=](auto& x) { return std::vector{pad(x[0], axis, before, after)}; };
}
Build as(DType dtype) {
  return [=](auto& x) { return std::vector{cast(x[0], dtype)}; };
}

}  // namespace

TEST_CASE("movement ops move elements of every type") {
  for (const DType dtype : all_types) {
    INFO(name_of(dtype));
    const Array x({dtype, {2, 3}}, {1, 2, 3, 4, 5, 6});
    CHECK(compute({x}, reshaped({3, 2}))[0] == Array({dtype, {3, 2}}, {1, 2, 3, 4, 5, 6}));
    CHECK(compute({x}, transposed({1, 0}))[0] == Array({dtype, {3, 2}}, {1, 4, 2, 5, 3, 6}));
    CHECK(compute({x}, sliced(1, 1, 3))[0] == Array({dtype, {2, 2}}, {2, 3, 5, 6}));
    CHECK(compute({x}, padded(1, 1, 0))[0] == Array({dtype, {2, 4}}, {0, 1, 2, 3, 0, 4, 5, 6}));
    const Array y({dtype, {2, 1}}, {7, 8});
    CHECK(compute({x, y}, joined(1))[0] == Array({dtype, {2, 4}}, {1, 2, 3, 7, 4, 5, 6, 8}));
  }
}

TEST_CASE("transpose puts axis permutation[i] of the operand at axis i") {
  // x[a][b][c] = 100a + 10b + c, so y[c][a][b] spells its own position.
  Array x({DType::i32, {2, 3, 4}});
  for (std::size_t i = 0; i < x.size(); ++i) {
    x.set(i, static_cast<double>(100 * (i / 12) + 10 * (i / 4 % 3) + i % 4));
  }
  const Array y = compute({x}, transposed({2, 0, 1}))[0];
  REQUIRE(y.shape() == Shape{4, 2, 3});
  for (std::size_t i = 0; i < y.size(); ++i) {
    CHECK(y.get(i) == static_cast<double>(100 * (i / 3 % 2) + 10 * (i % 3) + i / 6));
  }
}

TEST_CASE("concat along the first and a middle axis") {
  const Array a = f32({1, 2}, {1, 2});
  const Array b = f32({2, 2}, {3, 4, 5, 6});
  CHECK(compute({a, b, a}, joined(0))[0] == f32({4, 2}, {1, 2, 3, 4, 5, 6, 1, 2}));
  const Array c = f32({2, 1, 2}, {1, 2, 3, 4});
  CHECK(compute({c, c}, joined(1))[0] == f32({2, 2, 2}, {1, 2, 1, 2, 3, 4, 3, 4}));
}

TEST_CASE("gradients of movement ops are those of finite differences") {
  const Array x = random_array({2, 3, 4}, 1);
  check_op_gradient({x}, reshaped({4, 6}));
  check_op_gradient({random_array({}, 2)}, reshaped({1, 1}));
  check_op_gradient({x}, transposed({2, 0, 1}));
  check_op_gradient({x}, transposed({0, 1, 2}));
  check_op_gradient({random_array({}, 3)}, transposed({}));
  for (std::int64_t axis = 0; axis < 3; ++axis) {
    INFO("axis " << axis);
    check_op_gradient({x}, sliced(axis, 1, 2));
    check_op_gradient({x}, sliced(axis, 0, x.shape()[static_cast<std::size_t>(axis)]));
    check_op_gradient({x}, padded(axis, 2, 1));
    Shape other = x.shape();
    other[static_cast<std::size_t>(axis)] = 5;
    check_op_gradient({x, random_array(other, 4), x}, joined(axis));
  }
  check_op_gradient({x}, padded(1, 0, 0));
  check_op_gradient({x}, joined(1));
  check_op_gradient({x}, as(DType::f64));
}

TEST_CASE("fill makes every element its value, in every type") {
  for (const DType dtype : all_types) {
    Program program("p");
    program.add_output("y", fill(program, {dtype, {2, 3}}, 7.0).id());
    CHECK(evaluate(program, Arrays{}).at("y") == Array({dtype, {2, 3}}, std::vector<double>(6, 7.0)));
  }
}

TEST_CASE("fill refuses a value that its type can't hold") {
  Program program("p");
  CHECK_THROWS_WITH(fill(program, {DType::u8, {2}}, 256.0),
                    "fill(): the value is 256.000000 and must be an integer that u8 can hold");
  CHECK_THROWS_WITH(fill(program, {DType::i32, {2}}, 0.5),
                    "fill(): the value is 0.500000 and must be an integer that i32 can hold");
  CHECK_THROWS_AS(fill(program, {DType::i64, {2}}, 0x1p63), Error);
  CHECK_NOTHROW(fill(program, {DType::i64, {2}}, -0x1p63));
}

TEST_CASE("cast goes towards zero, stops at the ends of the type and takes NaN for 0") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Array x = f64({6}, {1.9, -1.9, 300, -5, nan, 1e30});
  CHECK(compute({x}, as(DType::u8))[0] == u8({6}, {1, 0, 255, 0, 0, 255}));
  CHECK(compute({x}, as(DType::i32))[0] == i32({6}, {1, -1, 300, -5, 0, 2147483647}));
  CHECK(compute({x.as(DType::f32)}, as(DType::i64))[0].get(1) == -1.0);
  CHECK(compute({u8({2}, {0, 255})}, as(DType::f32))[0] == f32({2}, {0, 255}));
  CHECK(compute({i64({2}, {-3, 258})}, as(DType::u8))[0] == u8({2}, {253, 2}));
}

TEST_CASE("the gradient of cast comes back in the operand's type, and none by or through integers") {
  const auto gradient_type = [](DType from, DType to) -> std::string {
    Program program("p");
    const Tensor x(program, program.add_input("x", {from, {3}}));
    const Tensor y = cast(x, to);
    const Tensor dy(program, program.add_input("dy", {to, {3}}));
    const Node node = program.node(0);
    const Tensor dx = node.op->gradient({program, node, {x}, {y}, {dy}, {true}})[0];
    return dx.defined() ? name_of(dx.dtype()) : "none";
  };
  CHECK(gradient_type(DType::f32, DType::f64) == "f32");
  CHECK(gradient_type(DType::f64, DType::f32) == "f64");
  CHECK(gradient_type(DType::f32, DType::i32) == "none");
  CHECK(gradient_type(DType::u8, DType::f32) == "none");
}

TEST_CASE("movement ops refuse shapes that don't fit") {
  const TensorType x{DType::f32, {2, 3, 4}};
  CHECK(refusal({x}, reshaped({5, 5})) ==
        "reshape(f32[2×3×4]): the operand 2×3×4 has 24 elements, and the shape 5×5 has 25; the two must be "
        "equal");
  CHECK(refusal({x}, transposed({0, 1})) ==
        "transpose(f32[2×3×4]): the permutation is [0,1] and must hold each of the 3 axes of 2×3×4 once, "
        "counted "
        "from 0");
  for (const std::vector<std::int64_t>& permutation :
       {std::vector<std::int64_t>{0, 1, 1}, {0, 1, 3}, {-1, 0, 1}}) {
    CHECK_FALSE(refusal({x}, transposed(permutation)).empty());
  }
  CHECK(refusal({x}, sliced(1, 2, 4)) ==
        "slice(f32[2×3×4]): the slice is [2, 4) and must be a part of [0, 3), axis 1 of 2×3×4, with at least "
        "one "
        "element");
  CHECK_FALSE(refusal({x}, sliced(1, 2, 2)).empty());
  CHECK_FALSE(refusal({x}, sliced(3, 0, 1)).empty());
  CHECK(refusal({x}, padded(0, -1, 2)) ==
        "pad(f32[2×3×4]): the padding is -1 before and 2 after, and neither may be negative");
}

TEST_CASE("concat refuses parts that differ elsewhere than along its axis") {
  const TensorType x{DType::f32, {2, 3}};
  CHECK(refusal({x, {DType::f32, {3, 3}}}, joined(1)) ==
        "concat(f32[2×3], f32[3×3]): part 1 is f32[3×3] and must be as part 0, f32[2×3], but along axis 1");
  CHECK_FALSE(refusal({x, {DType::f64, {2, 3}}}, joined(1)).empty());
  CHECK_FALSE(refusal({x, {DType::f32, {2, 3, 1}}}, joined(1)).empty());
  CHECK_FALSE(refusal({x, x}, joined(2)).empty());
}
