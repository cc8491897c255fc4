#include "catch.h"
#include "generalizer/ops.h"
#include "golden.h"
#include "program/ops/definitions.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

TEST_CASE("matmul agrees with PyTorch, and so do its gradients") { check_golden(ops::matmul()); }

TEST_CASE("matmul multiplies either operand as given or transposed") {
  const std::vector<double> a = {1, 2, 3, 4, 5, 6};     // 2×3
  const std::vector<double> at = {1, 4, 2, 5, 3, 6};    // the same, 3×2
  const std::vector<double> b = {1, 0, -1, 2, 2, 1};    // 3×2
  const std::vector<double> bt = {1, -1, 2, 0, 2, 1};   // the same, 2×3
  const std::vector<double> expected = {5, 7, 11, 16};  // by hand
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      const Array left = ta ? f64({3, 2}, at) : f64({2, 3}, a);
      const Array right = tb ? f64({2, 3}, bt) : f64({3, 2}, b);
      const auto found =
          compute({left, right}, [&](auto& x) { return std::vector{matmul(x[0], x[1], ta, tb)}; });
      CHECK(found[0] == f64({2, 2}, expected));
    }
  }
}

TEST_CASE("matmul sums over an inner extent larger than a cache block") {
  constexpr std::int64_t inner = 1001;  // Σ k = 1001·1000/2
  Array left({DType::f32, {1, inner}});
  Array ones({DType::f32, {inner, 1}});
  for (std::size_t k = 0; k < inner; ++k) {
    left.set(k, static_cast<double>(k));
    ones.set(k, 1.0);
  }
  const Array sums = compute({left, ones}, [](auto& x) { return std::vector{matmul(x[0], x[1])}; })[0];
  CHECK(sums.get(0) == 500500.0);
  const Array dots = compute({left, ones}, [](auto& x) {
    return std::vector{matmul(x[0], x[1], false, false), matmul(x[0], x[0], false, true)};
  })[1];
  CHECK(dots.get(0) == Approx(333833500.0));  // Σ k² = 1000·1001·2001/6
}

TEST_CASE("matmul's gradient is that of finite differences for every transposition") {
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      check_op_gradient(
          {random_array(ta ? Shape{3, 5} : Shape{5, 3}, 1), random_array(tb ? Shape{7, 3} : Shape{3, 7}, 2)},
          [&](auto& x) { return std::vector{matmul(x[0], x[1], ta, tb)}; });
    }
  }
}

TEST_CASE("matmul of operands whose inner extents differ names both") {
  Program program("p");
  const Tensor a(program, program.add_input("a", {DType::f32, {2, 3}}));
  const Tensor b(program, program.add_input("b", {DType::f32, {2, 4}}));
  CHECK_THROWS_WITH(matmul(a, b), Catch::Contains("the left operand 2×3 has 3 columns") &&
                                      Catch::Contains("the right operand 2×4 has 2 rows"));
  CHECK_NOTHROW(matmul(a, b, true));
  const Tensor c(program, program.add_input("c", {DType::f64, {3, 4}}));
  CHECK_THROWS_WITH(
      matmul(a, c),
      Catch::Contains("the right operand is f64[3×4] and must have the type of the left operand, f32"));
  const Tensor d(program, program.add_input("d", {DType::f32, {3}}));
  CHECK_THROWS_WITH(matmul(a, d),
                    Catch::Contains("the right operand is 3 with 1 axes and must have 2: rows×columns"));
}
