#include <cmath>
#include <limits>

#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

using Reduce = Tensor (*)(const Tensor&, std::vector<std::int64_t>, bool);

Build over(Reduce op, std::vector<std::int64_t> axes, bool keep_dims = false) {
  return [=](auto& x) { return std::vector{op(x[0], axes, keep_dims)}; };
}

struct Case {
  Shape shape;
  std::vector<std::int64_t> axes;
};

const std::vector<Case> cases = {
    {{}, {}},      {{1}, {0}},       {{7}, {0}},          {{3, 5}, {}},        {{3, 5}, {1}},
    {{3, 5}, {0}}, {{2, 3, 4}, {1}}, {{2, 3, 4}, {0, 2}}, {{2, 3, 4}, {2, 0}}, {{2, 3, 1, 3}, {3, 1}}};

}  // namespace

TEST_CASE("reductions and their gradients agree with PyTorch") {
  for (const OpDefinition* op : {&ops::reduce_sum(), &ops::reduce_mean(), &ops::reduce_max()}) {
    check_golden(*op);
  }
}

TEST_CASE("gradients of reductions are those of finite differences for every choice of axes") {
  for (const Case& c : cases) {
    for (const bool keep_dims : {false, true}) {
      INFO(c.shape.to_string() << ", " << c.axes.size() << " axes named, keep_dims " << keep_dims);
      check_op_gradient({random_array(c.shape, 1)}, over(reduce_sum, c.axes, keep_dims));
      check_op_gradient({random_array(c.shape, 2)}, over(reduce_mean, c.axes, keep_dims));
      check_op_gradient({random_distinct(c.shape, 3)}, over(reduce_max, c.axes, keep_dims));
    }
  }
}

TEST_CASE("a reduction over no named axis is over all") {
  const Array x = f64({2, 3}, {1, 2, 3, 4, 5, 7});
  CHECK(compute({x}, over(reduce_sum, {}))[0] == f64({}, {22}));
  CHECK(compute({x}, over(reduce_mean, {}, true))[0] == f64({1, 1}, {22.0 / 6.0}));
  CHECK(compute({x}, over(reduce_max, {}))[0] == f64({}, {7}));
}

TEST_CASE("where several elements are largest, the gradient of reduce_max goes to the first") {
  const Array x = f64({2, 5}, {1, 3, 3, 2, 3, 4, 4, 4, 4, 4});
  const auto gradient = [&](std::vector<std::int64_t> axes, const Array& dy) {
    return compute({x, dy}, [&](auto& t) {
      Program& program = t[0].program();
      const Tensor y = reduce_max(t[0], axes);
      const Node node = program.node(0);
      return node.op->gradient({program, node, {t[0]}, {y}, {t[1]}, {true}});
    })[0];
  };
  CHECK(gradient({1}, f64({2}, {10, 20})) == f64({2, 5}, {0, 10, 0, 0, 0, 20, 0, 0, 0, 0}));
  CHECK(gradient({0, 1}, f64({}, {5})) == f64({2, 5}, {0, 0, 0, 0, 0, 5, 0, 0, 0, 0}));
}

TEST_CASE("reduce_max shows a NaN among its elements") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  CHECK(std::isnan(compute({f32({3}, {1, nan, 2})}, over(reduce_max, {0}))[0].get(0)));
}

TEST_CASE("reduce_sum in f32 adds up in f64") {
  // One after the other in f32, 2^24 + 1 + 1 + … stays 2^24.
  Array x({DType::f32, {5}}, {16777216, 1, 1, 1, 1});
  CHECK(compute({x}, over(reduce_sum, {0}))[0].get(0) == 16777220.0);
}

TEST_CASE("axes that are not there or named twice are refused") {
  CHECK(refusal({{DType::f32, {2, 3}}}, over(reduce_sum, {2})) ==
        "reduce_sum(f32[2×3]): axis 2 is not one of the 2 axes of 2×3, which count from 0");
  CHECK(refusal({{DType::f32, {2, 3}}}, over(reduce_max, {-1})) ==
        "reduce_max(f32[2×3]): axis -1 is not one of the 2 axes of 2×3, which count from 0");
  CHECK(refusal({{DType::f32, {2, 3}}}, over(reduce_mean, {1, 1})) ==
        "reduce_mean(f32[2×3]): the axes are [1,1], and each may be named once");
}

TEST_CASE("broadcast_to stretches as NumPy does") {
  const auto found = compute({f32({2, 1}, {4, 5}), i32({}, {7})}, [](auto& x) {
    return std::vector{broadcast_to(x[0], {3, 2, 2}), broadcast_to(x[1], {2})};
  });
  CHECK(found[0] == f32({3, 2, 2}, {4, 4, 5, 5, 4, 4, 5, 5, 4, 4, 5, 5}));
  CHECK(found[1] == i32({2}, {7, 7}));
}

TEST_CASE("the gradient of broadcast_to is that of finite differences") {
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{}, {2, 3}}, {{3}, {3}}, {{3, 1}, {2, 3, 5}}, {{2, 1, 3}, {2, 4, 3}}, {{1, 1}, {1, 1, 1}}};
  for (const auto& [from, to] : shapes) {
    INFO(from.to_string() << " to " << to.to_string());
    check_op_gradient({random_array(from, 4)},
                      [to = to](auto& x) { return std::vector{broadcast_to(x[0], to)}; });
  }
}

TEST_CASE("broadcast_to refuses a shape that the operand does not stretch to") {
  CHECK(refusal({{DType::f32, {3, 2}}},
                [](auto& x) {
                  return std::vector{broadcast_to(x[0], {3, 1})};
                }) ==
        "broadcast_to(f32[3×2]): the operand 3×2 does not broadcast to 3×1: an axis may stretch only where "
        "the operand has 1 or none");
  CHECK(refusal({{DType::f32, {3}}}, [](auto& x) {
          return std::vector{broadcast_to(x[0], {3, 0})};
        }) == "broadcast_to(f32[3]): the shape is 3×0 and all its extents must be at least 1");
}
