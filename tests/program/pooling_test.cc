#include <limits>

#include "catch.h"
#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

struct Case {
  Shape x;
  PoolingGeometry geometry;
};

const std::vector<Case> cases = {
    {{1, 1, 4, 4}, {}},
    {{2, 2, 5, 7}, {}},
    {{1, 2, 5, 4}, {{3, 3}, {1, 1}, {0, 0, 0, 0}}},
    {{1, 1, 7, 6}, {{3, 2}, {2, 3}, {1, 2, 1, 0}}},
    {{1, 3, 1, 1}, {{2, 2}, {2, 2}, {1, 0, 0, 1}}},
    {{1, 1, 5, 5}, {{1, 1}, {3, 2}, {0, 0, 0, 0}}},
};

Shape pooled_shape(const Case& c) {
  Program program("shape");
  return avg_pool2d(Tensor(program, program.add_input("x", {DType::f64, c.x})), c.geometry, false).shape();
}

}  // namespace

TEST_CASE("max_pool2d and its gradient agree with PyTorch") { check_golden(ops::max_pool2d()); }

TEST_CASE("avg_pool2d and its gradient agree with PyTorch") { check_golden(ops::avg_pool2d()); }

TEST_CASE("max_pool2d's gradient is that of finite differences") {
  for (const Case& c : cases) {
    INFO(c.x.to_string());
    check_op_gradient({random_distinct(c.x, 1)}, [&](auto& t) { return max_pool2d(t[0], c.geometry); });
  }
}

TEST_CASE("The gradients of avg_pool2d and of its gradient are those of finite differences") {
  for (const Case& c : cases) {
    for (const bool count_padding : {false, true}) {
      INFO(c.x.to_string() << (count_padding ? ", padding counts" : ""));
      check_op_gradient({random_array(c.x, 2)},
                        [&](auto& t) { return std::vector{avg_pool2d(t[0], c.geometry, count_padding)}; });
      check_op_gradient({random_array(pooled_shape(c), 3)}, [&](auto& t) {
        return std::vector{avg_pool2d_backward(t[0], c.geometry, count_padding, {c.x[2], c.x[3]})};
      });
    }
  }
}

TEST_CASE("Padding never is the largest element of a window, even where all are negative") {
  const PoolingGeometry geometry{{2, 2}, {2, 2}, {1, 1, 1, 1}};
  const auto found =
      compute({f64({1, 1, 2, 2}, {-4, -3, -2, -1})}, [&](auto& t) { return max_pool2d(t[0], geometry); });
  CHECK(found[0] == f64({1, 1, 2, 2}, {-4, -3, -2, -1}));
  CHECK(found[1] == i32({1, 1, 2, 2}, {0, 1, 2, 3}));
}

TEST_CASE("Of equal elements under a window the first gets the whole gradient") {
  const auto found = compute({f64({1, 1, 2, 2}, {7, 7, 7, 7}), f64({1, 1, 1, 1}, {3})}, [](auto& t) {
    const std::vector<Tensor> pooled = max_pool2d(t[0], {});
    return std::vector{max_pool2d_backward(t[1], pooled[1], {}, {2, 2})};
  });
  CHECK(found[0] == f64({1, 1, 2, 2}, {3, 0, 0, 0}));
}

TEST_CASE("A number that is none is not lost under a pool window") {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto found =
      compute({f64({1, 1, 2, 2}, {1, nan, 5, 2})}, [](auto& t) { return max_pool2d(t[0], {}); });
  CHECK(std::isnan(found[0].get(0)));
  CHECK(found[1].get(0) == 1.0);
}

TEST_CASE("The mean of a window counts padding only when it is asked to") {
  const PoolingGeometry geometry{{2, 2}, {2, 2}, {1, 0, 1, 0}};
  const Array x = f64({1, 1, 1, 1}, {8});
  CHECK(compute({x}, [&](auto& t) { return std::vector{avg_pool2d(t[0], geometry, false)}; })[0].get(0) ==
        8.0);
  CHECK(compute({x}, [&](auto& t) { return std::vector{avg_pool2d(t[0], geometry, true)}; })[0].get(0) ==
        2.0);
}

TEST_CASE("A pool window larger than its input is refused at the pool") {
  Program program("p");
  program.set_scope("classifier/pool1");
  const Tensor x(program, program.add_input("x", {DType::f32, {1, 1, 2, 2}}));
  CHECK_THROWS_WITH(max_pool2d(x, {{3, 3}, {1, 1}, {0, 0, 0, 0}}),
                    Catch::Contains("classifier/pool1") && Catch::Contains("max_pool2d(f32[1×1×2×2])") &&
                        Catch::Contains("a 3×3 window does not fit a 2×2 image with padding 0,0,0,0"));
  CHECK_THROWS_WITH(
      avg_pool2d(x, {{2, 2}, {1, 1}, {2, 0, 0, 0}}, false),
      Catch::Contains("the padding 2,0,0,0 (top, bottom, left, right) must be smaller than the window, 2×2"));
  CHECK_THROWS_WITH(
      avg_pool2d_backward(x, {}, false, {6, 4}),
      Catch::Contains(
          "the output gradient is 1×1×2×2 and must be 1×1×3×2, what pooling makes of a 6×4 image"));
}
