#include <cmath>

#include "catch.h"
#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

TEST_CASE("batch_norm and its gradients agree with PyTorch") { check_golden(ops::batch_norm()); }

TEST_CASE("batch_norm_inference and its gradients agree with PyTorch") {
  check_golden(ops::batch_norm_inference());
}

TEST_CASE("bias_add agrees with PyTorch") { check_golden(ops::bias_add()); }

TEST_CASE("channel_sum agrees with PyTorch") { check_golden(ops::channel_sum()); }

TEST_CASE("batch_norm gives each channel its shift as mean and its scale as deviation") {
  const auto found =
      compute({f64({2, 2, 2}, {1, 2, 10, 10, 3, 4, 30, 30}), f64({2}, {2, 3}), f64({2}, {5, 7})},
              [](auto& t) { return batch_norm(t[0], t[1], t[2], 0.0); });
  CHECK(found[1] == f64({2}, {2.5, 20}));
  CHECK(found[2] == f64({2}, {1.25, 100}));  // ((1.5² + 0.5²)·2)/4 and 10²
  const double step = 2.0 / std::sqrt(1.25);
  require_close(
      found[0],
      f64({2, 2, 2}, {5 - 1.5 * step, 5 - 0.5 * step, 4, 4, 5 + 0.5 * step, 5 + 1.5 * step, 10, 10}), 1e-15);
}

TEST_CASE("The variance of numbers far from zero keeps its digits in f32") {
  const Array x = f32({4, 1}, {10000.0, 10001.0, 10002.0, 10003.0});
  const auto found =
      compute({x, f32({1}, {1}), f32({1}, {0})}, [](auto& t) { return batch_norm(t[0], t[1], t[2], 1e-5); });
  CHECK(found[2].get(0) == 1.25);
}

TEST_CASE("The gradients of batch normalisation are those of finite differences") {
  for (const Shape& x : {Shape{3, 2}, Shape{2, 3, 1, 5}, Shape{1, 2, 3, 3}, Shape{4, 1, 2}}) {
    INFO(x.to_string());
    const Shape c{x[1]};
    check_op_gradient({random_array(x, 1), random_array(c, 2, 0.5, 1.5), random_array(c, 3)},
                      [](auto& t) { return batch_norm(t[0], t[1], t[2], 1e-3); });
    OpGradientCheck statistics_are_constants;
    statistics_are_constants.differentiable = {0, 1, 2};
    check_op_gradient(
        {random_array(x, 4), random_array(c, 5), random_array(c, 6), random_array(c, 7),
         random_array(c, 8, 0.5, 2.0)},
        [](auto& t) { return std::vector{batch_norm_inference(t[0], t[1], t[2], t[3], t[4], 1e-3)}; },
        statistics_are_constants);
  }
}

TEST_CASE("The gradients of a bias and of a channel's sum are those of finite differences") {
  for (const Shape& x : {Shape{3, 2}, Shape{2, 3, 2, 3}, Shape{1, 5, 2}}) {
    INFO(x.to_string());
    check_op_gradient({random_array(x, 1), random_array({x[1]}, 2)},
                      [](auto& t) { return std::vector{bias_add(t[0], t[1])}; });
    check_op_gradient({random_array(x, 3)}, [](auto& t) { return std::vector{channel_sum(t[0])}; });
  }
}

TEST_CASE("An op per channel names the operand that has not one number a channel") {
  Program program("p");
  const auto input = [&](const char* name, Shape shape) {
    return Tensor(program, program.add_input(name, {DType::f32, std::move(shape)}));
  };
  const Tensor x = input("x", {2, 3, 4, 4});
  CHECK_THROWS_WITH(bias_add(x, input("b", {4})),
                    Catch::Contains("the bias is 4 and must be 3, one number a channel"));
  CHECK_THROWS_WITH(batch_norm(x, input("s", {3}), input("t", {3, 1}), 1e-5),
                    Catch::Contains("the shift is 3×1 and must be 3, one number a channel"));
  CHECK_THROWS_WITH(
      channel_sum(input("v", {5})),
      Catch::Contains("the first operand is 5 with 1 axes and must have at least 2: batch×channels×…"));
}
