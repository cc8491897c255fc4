#include <cmath>

#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const Build cross_entropy = [](auto& x) { return softmax_cross_entropy(x[0], x[1]); };
const Build squared_error = [](auto& x) { return std::vector{mean_squared_error(x[0], x[1])}; };
const Build correct = [](auto& x) { return std::vector{count_correct(x[0], x[1])}; };

}  // namespace

TEST_CASE("losses and their gradients agree with PyTorch") {
  check_golden(ops::softmax_cross_entropy());
  check_golden(ops::mean_squared_error());
}

TEST_CASE("the gradient of softmax_cross_entropy is that of finite differences") {
  check_op_gradient({random_array({1, 2}, 1), i32({1}, {1})}, cross_entropy);
  check_op_gradient({random_array({3, 5}, 2, -3.0, 3.0), i32({3}, {0, 4, 2})}, cross_entropy);
  check_op_gradient({random_array({7, 1}, 3), i32({7}, {0, 0, 0, 0, 0, 0, 0})}, cross_entropy);
}

TEST_CASE("softmax_cross_entropy of equal logits is the logarithm of their number") {
  const auto found = compute({f64({2, 10}, std::vector<double>(20, 3.5)), i32({2}, {0, 9})}, cross_entropy);
  CHECK(found[0].get(0) == Approx(std::log(10.0)).epsilon(1e-15));
  CHECK(found[1].get(7) == Approx(0.1).epsilon(1e-15));
}

TEST_CASE("softmax_cross_entropy of a certain and wrong answer is the logits' difference, and finite") {
  const auto found = compute({f32({1, 2}, {1000, -1000}), i32({1}, {1})}, cross_entropy);
  CHECK(found[0].get(0) == 2000.0);
}

TEST_CASE("a label that is no class is refused with its record, by the loss and by the count") {
  const Array logits = f32({2, 3}, {0, 0, 0, 0, 0, 0});
  for (const Build& op : {cross_entropy, correct}) {
    CHECK_THROWS_AS(compute({logits, i32({2}, {0, 3})}, op), DataError);
    CHECK_THROWS_WITH(compute({logits, i32({2}, {0, 3})}, op),
                      "label 3 is outside [0, 3), at record 1 of its batch (counted from 0)");
    CHECK_THROWS_WITH(compute({logits, i32({2}, {-1, 0})}, op),
                      "label -1 is outside [0, 3), at record 0 of its batch (counted from 0)");
  }
}

TEST_CASE("the gradient of mean_squared_error is that of finite differences in prediction and target") {
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{3, 5}, Shape{2, 1, 3, 3}}) {
    check_op_gradient({random_array(shape, 4), random_array(shape, 5)}, squared_error);
  }
}

TEST_CASE("mean_squared_error is the mean over all elements") {
  CHECK(compute({f32({2, 2}, {1, 2, 3, 4}), f32({2, 2}, {1, 0, 3, 0})}, squared_error)[0] == f32({}, {5}));
}

TEST_CASE("count_correct counts rows whose first largest logit is at the label") {
  const Array logits = f32({4, 3}, {1, 3, 2, 5, 5, 0, 5, 5, 0, -1, -2, -0.5});
  CHECK(compute({logits, i32({4}, {1, 0, 1, 2})}, correct)[0] == f32({}, {3}));
}

TEST_CASE("losses refuse operands that don't fit") {
  CHECK(refusal({{DType::f32, {32, 10}}, {DType::i32, {31}}}, cross_entropy) ==
        "softmax_cross_entropy(f32[32×10], i32[31]): the labels are i32[31] and must be i32[32], one a row "
        "of the "
        "logits 32×10");
  CHECK(refusal({{DType::f32, {32, 10}}, {DType::i64, {32}}}, correct) ==
        "count_correct(f32[32×10], i64[32]): the labels are i64[32] and must be i32[32], one a row of the "
        "logits "
        "32×10");
  CHECK(
      refusal({{DType::f32, {32}}, {DType::i32, {32}}}, cross_entropy) ==
      "softmax_cross_entropy(f32[32], i32[32]): the logits is 32 with 1 axes and must have 2: batch×classes");
  CHECK(refusal({{DType::f32, {2, 3}}, {DType::f32, {3, 2}}}, squared_error) ==
        "mean_squared_error(f32[2×3], f32[3×2]): the target is 3×2 and must be 2×3, the shape of the "
        "prediction");
}
