#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

using Binary = Tensor (*)(const Tensor&, const Tensor&);

Build two(Binary op) {
  return [op](auto& x) { return std::vector{op(x[0], x[1])}; };
}

/// Equal shapes, either side stretched, both at once, a missing axis, scalars.
const std::vector<std::pair<Shape, Shape>> shapes = {
    {{}, {}},         {{7}, {7}},       {{3, 5}, {5}},       {{5}, {3, 5}},
    {{3, 5}, {3, 1}}, {{3, 1}, {1, 5}}, {{2, 3, 4}, {}},     {{}, {2, 3}},
    {{1}, {}},        {{1, 1}, {3}},    {{2, 1, 3}, {5, 1}}, {{1, 3, 1, 1}, {2, 3, 2, 2}}};

}  // namespace

TEST_CASE("binary ops and their gradients agree with PyTorch, broadcasting or not") {
  for (const OpDefinition* op :
       {&ops::add(), &ops::subtract(), &ops::multiply(), &ops::divide(), &ops::maximum(), &ops::minimum()}) {
    check_golden(*op);
  }
}

TEST_CASE("gradients of binary ops are those of finite differences for every way of broadcasting") {
  for (const auto& [a, b] : shapes) {
    INFO(a.to_string() << " and " << b.to_string());
    for (const Binary op : {Binary{add}, Binary{subtract}, Binary{multiply}}) {
      check_op_gradient({random_array(a, 1), random_array(b, 2)}, two(op));
    }
    check_op_gradient({random_array(a, 3), random_array(b, 4, 0.5, 2.0)}, two(divide));
  }
}

TEST_CASE("gradients of maximum and minimum are those of finite differences where the operands differ") {
  // Tenths against tenths and a half: no two are nearer than 0.05.
  for (const auto& [a, b] : shapes) {
    const Array left = random_distinct(a, 5);
    Array right = random_distinct(b, 6);
    for (std::size_t i = 0; i < right.size(); ++i) right.set(i, right.get(i) + 0.02);
    check_op_gradient({left, right}, two(maximum));
    check_op_gradient({left, right}, two(minimum));
  }
}

TEST_CASE("where the operands of maximum or minimum are equal, the gradient goes to the first") {
  for (const Binary op : {Binary{maximum}, Binary{minimum}}) {
    const auto found = compute({f64({2}, {1, -2}), f64({2}, {1, -2}), f64({2}, {3, 4})}, [&](auto& x) {
      Program& program = x[0].program();
      const Tensor y = op(x[0], x[1]);
      const Node node = program.node(0);
      return node.op->gradient({program, node, {x[0], x[1]}, {y}, {x[2]}, {true, true}});
    });
    CHECK(found[0] == f64({2}, {3, 4}));
    CHECK(found[1] == f64({2}, {0, 0}));
  }
}

TEST_CASE("binary ops stretch axes as NumPy does") {
  const Array rows = f64({2, 1}, {10, 20});
  const Array columns = f64({3}, {1, 2, 3});
  CHECK(compute({rows, columns}, two(add))[0] == f64({2, 3}, {11, 12, 13, 21, 22, 23}));
  CHECK(compute({rows, columns}, two(subtract))[0] == f64({2, 3}, {9, 8, 7, 19, 18, 17}));
}

TEST_CASE("operands that do not broadcast are refused with the axis and both extents") {
  CHECK(refusal({{DType::f32, {32, 10}}, {DType::f32, {32, 11}}}, two(add)) ==
        "add(f32[32×10], f32[32×11]): operands 32×10 and 32×11 do not broadcast: axis 1 has 10 and 11, which "
        "must be equal, or one of them 1");
  CHECK(refusal({{DType::f32, {3}}, {DType::f32, {2, 4}}}, two(multiply)) ==
        "multiply(f32[3], f32[2×4]): operands 3 and 2×4 do not broadcast: axis 1 has 3 and 4, which must be "
        "equal, or one of them 1");
}

TEST_CASE("operands of two floating types are refused") {
  CHECK(
      refusal({{DType::f32, {3}}, {DType::f64, {3}}}, two(divide)) ==
      "divide(f32[3], f64[3]): the right operand is f64[3] and must have the type of the left operand, f32");
}
