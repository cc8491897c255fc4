#include <cmath>
#include <numbers>

#include "autodiff/autodiff.h"
#include "catch.h"
#include "generalizer/ops.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

std::vector<double> values(const Array& array) {
  std::vector<double> result;
  for (std::size_t i = 0; i < array.size(); ++i) result.push_back(array.get(i));
  return result;
}

}  // namespace

TEST_CASE("erf and its gradient are the error function's") {
  const Array y = compute({f64({3}, {-1.0, 0.0, 0.5})}, [](auto& x) { return std::vector{erf(x[0])}; })[0];
  CHECK(y.get(0) == Approx(-0.8427007929497149).epsilon(1e-14));  // Abramowitz, Stegun, table 7.1
  CHECK(y.get(1) == 0.0);
  CHECK(y.get(2) == Approx(0.5204998778130465).epsilon(1e-14));
  check_op_gradient({random_array({3, 4}, 1, -2.0, 2.0)}, [](auto& x) { return std::vector{erf(x[0])}; });
}

TEST_CASE("scale_gradient changes nothing but the gradient") {
  Program program("p");
  const Tensor x(program, program.add_input("x", {DType::f64, {2}}));
  const Tensor loss = reduce_sum(square(scale_gradient(x, -0.5)), {});
  program.add_output("loss", loss.id());
  program.add_output("gradient", gradients(loss, std::vector{x})[0].id());
  const Arrays out = evaluate(program, Arrays{{"x", f64({2}, {3.0, -4.0})}});
  CHECK(out.at("loss").get(0) == 25.0);
  CHECK(values(out.at("gradient")) == std::vector<double>{-3.0, 4.0});  // −½·2x
}

TEST_CASE("products side by side are each the product of their pair") {
  const Array y = compute({f64({2, 1, 2}, {1, 2, 3, 4}), f64({2, 2, 1}, {5, 6, 7, 8})},
                          [](auto& x) { return std::vector{matmul(x[0], x[1])}; })[0];
  CHECK(y == f64({2, 1, 1}, {17, 53}));  // 1·5 + 2·6, 3·7 + 4·8
  for (const bool ta : {false, true}) {
    for (const bool tb : {false, true}) {
      check_op_gradient({random_array(ta ? Shape{2, 3, 4} : Shape{2, 4, 3}, 1),
                         random_array(tb ? Shape{2, 5, 3} : Shape{2, 3, 5}, 2)},
                        [&](auto& x) { return std::vector{matmul(x[0], x[1], ta, tb)}; });
    }
  }
  Program program("p");
  const Tensor a(program, program.add_input("a", {DType::f32, {2, 3, 4}}));
  const Tensor b(program, program.add_input("b", {DType::f32, {3, 4, 5}}));
  CHECK_THROWS_WITH(matmul(a, b), Catch::Contains("all extents but the last two must be equal"));
}

TEST_CASE("normalize_rows brings each row to mean 0 and variance 1") {
  const auto out = compute({f64({2, 2}, {1, 3, -5, 5})},
                           [](auto& x) { return normalize_rows(x[0], 0.0); });
  CHECK(values(out[0]) == std::vector<double>{-1, 1, -1, 1});
  CHECK(values(out[1]) == std::vector<double>{2, 0});
  CHECK(values(out[2]) == std::vector<double>{1, 0.2});
  check_op_gradient({random_array({3, 5}, 4)}, [](auto& x) { return normalize_rows(x[0], 1e-3); });
}

TEST_CASE("resize2d by nearest takes the pixel under each new pixel's centre") {
  const auto nearest = [](std::vector<std::int64_t> size) {
    return [size](auto& x) { return std::vector{resize2d(x[0], size, "nearest")}; };
  };
  CHECK(values(compute({f64({1, 1, 1, 2}, {1, 2})}, nearest({2, 4}))[0]) ==
        std::vector<double>{1, 1, 2, 2, 1, 1, 2, 2});
  CHECK(values(compute({f64({1, 1, 1, 5}, {0, 1, 2, 3, 4})}, nearest({1, 3}))[0]) ==
        std::vector<double>{0, 2, 4});  // centres at 5/6, 15/6, 25/6
}

TEST_CASE("resize2d by bilinear weighs neighbours by their distance and repeats the edges") {
  const Array y = compute({f64({1, 1, 1, 2}, {0, 4})},
                          [](auto& x) { return std::vector{resize2d(x[0], {1, 4}, "bilinear")}; })[0];
  CHECK(values(y) == std::vector<double>{0, 1, 3, 4});  // centres at −¼, ¼, ¾, 1¼ of pixel numbers
}

TEST_CASE("resize2d's gradients are those of finite differences") {
  for (const std::string mode : {"nearest", "bilinear"}) {
    check_op_gradient({random_array({1, 2, 3, 2}, 1)},
                      [&](auto& x) { return std::vector{resize2d(x[0], {5, 4}, mode)}; });
    check_op_gradient({random_array({1, 2, 4, 5}, 2)},
                      [&](auto& x) { return std::vector{resize2d(x[0], {2, 3}, mode)}; });
    check_op_gradient({random_array({1, 2, 5, 4}, 3)},
                      [&](auto& x) { return std::vector{resize2d_backward(x[0], {3, 2}, mode)}; });
  }
}

TEST_CASE("resize2d names the modes it knows") {
  Program program("p");
  const Tensor x(program, program.add_input("x", {DType::f32, {1, 1, 2, 2}}));
  CHECK_THROWS_WITH(resize2d(x, {4, 4}, "bicubic"),
                    Catch::Contains("the mode is \"bicubic\" and must be \"nearest\" or \"bilinear\""));
  CHECK_THROWS_WITH(resize2d(x, {0, 4}, "nearest"), Catch::Contains("size"));
}

TEST_CASE("gather_rows takes rows, and zeros for indices that no row has") {
  const Array table = f64({3, 2}, {1, 2, 3, 4, 5, 6});
  const Array at = Array({DType::i32, {4}}, {2, 0, -1, 3});
  const Build gather = [](auto& x) { return std::vector{gather_rows(x[0], x[1])}; };
  CHECK(values(compute({table, at}, gather)[0]) == std::vector<double>{5, 6, 1, 2, 0, 0, 0, 0});
  const Array twice = Array({DType::i32, {3}}, {1, 1, 0});
  check_op_gradient({table, twice}, gather);
  const Build scatter = [](auto& x) { return std::vector{scatter_add_rows(x[0], x[1], 4)}; };
  CHECK(values(compute({f64({3, 1}, {1, 2, 4}), twice}, scatter)[0]) == std::vector<double>{4, 3, 0, 0});
  check_op_gradient({random_array({3, 2}, 3), twice}, scatter);
}

TEST_CASE("one_hot and constant_values make what they say") {
  const Array at = Array({DType::i32, {3}}, {1, 0, 7});
  CHECK(values(compute({at}, [](auto& x) { return std::vector{one_hot(x[0], 2, DType::f64)}; })[0]) ==
        std::vector<double>{0, 1, 1, 0, 0, 0});
  Program program("p");
  program.add_output("y", constant_values(program, {DType::f64, {2}}, {0.25, -3.0}).id());
  CHECK(values(evaluate(program, Arrays{}).at("y")) == std::vector<double>{0.25, -3.0});
  CHECK_THROWS_WITH(constant_values(program, {DType::f64, {3}}, {1.0}),
                    Catch::Contains("there are 1 values, and the shape 3 holds 3"));
}

TEST_CASE("random_normal is standard normal and made of random_uniform's stream") {
  const auto made = compute({i64({}, {4})}, [](auto& x) {
    return std::vector{random_normal(x[0], {DType::f64, {20000}}, 1, 2),
                       random_uniform(x[0], {DType::f64, {40000}}, 1, 2)};
  });
  double mean = 0.0;
  double square = 0.0;
  for (std::size_t i = 0; i < 20000; ++i) {
    const double z = made[0].get(i);
    CHECK(z == Approx(std::sqrt(-2.0 * std::log(1.0 - made[1].get(2 * i))) *
                      std::cos(2.0 * std::numbers::pi * made[1].get(2 * i + 1)))
                   .margin(1e-12));
    mean += z / 20000;
    square += z * z / 20000;
  }
  CHECK(std::abs(mean) < 0.03);  // four standard errors: 4/√20000
  CHECK(std::abs(square - 1.0) < 0.04);
}

TEST_CASE("rmsprop_update and adam_update's decoupled decay follow their formulas") {
  const Array one = f64({}, {1.0});
  const auto r = compute({f64({1}, {2.0}), f64({1}, {3.0}), f64({1}, {16.0}), f64({}, {0.1}), one}, [](auto& x) {
    return rmsprop_update(x[0], x[1], x[2], x[3], x[4], 0.0, 1.0);
  });
  CHECK(r[0].get(0) == Approx(2.0 - 0.1 * 3.0 / (3.0 + 1.0)));  // s' = g² = 9
  CHECK(r[1].get(0) == 9.0);
  const auto a = compute({f64({1}, {2.0}), f64({1}, {3.0}), f64({1}, {0.0}), f64({1}, {0.0}), i64({}, {1}),
                          f64({}, {0.1}), one},
                         [](auto& x) {
                           return adam_update(x[0], x[1], x[2], x[3], x[4], x[5], x[6], 0.9, 0.99, 0.0, 0.5);
                         });
  CHECK(a[0].get(0) == Approx(2.0 - 0.1 * (1.0 + 0.5 * 2.0)));  // the first step's direction is the sign
}
