#include <cmath>

#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

Build along(std::int64_t axis) {
  return [axis](auto& x) { return std::vector{softmax(x[0], axis)}; };
}

}  // namespace

TEST_CASE("softmax and its gradient agree with PyTorch") { check_golden(ops::softmax()); }

TEST_CASE("the gradient of softmax is that of finite differences along every axis") {
  for (const Shape& shape : {Shape{1}, Shape{7}, Shape{3, 5}, Shape{2, 3, 4}, Shape{1, 3, 2, 2}}) {
    for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
      INFO(shape.to_string() << ", axis " << axis);
      check_op_gradient({random_array(shape, 1, -2.0, 2.0)}, along(static_cast<std::int64_t>(axis)));
    }
  }
}

TEST_CASE("softmax of logits whose exponentials overflow is exact in the limit") {
  CHECK(compute({f32({2, 3}, {1000, 0, -1000, 500, 500, -500})}, along(1))[0] ==
        f32({2, 3}, {1, 0, 0, 0.5, 0.5, 0}));
}

TEST_CASE("softmax weighs logarithms by their numbers") {
  const auto found = compute({f64({3}, {std::log(1.0), std::log(2.0), std::log(5.0)})}, along(0))[0];
  require_close(found, f64({3}, {0.125, 0.25, 0.625}), 1e-15);
}

TEST_CASE("softmax refuses an axis that is not there") {
  CHECK(refusal({{DType::f32, {3}}}, along(1)) ==
        "softmax(f32[3]): axis 1 is not one of the 1 axes of 3, which count from 0");
}
