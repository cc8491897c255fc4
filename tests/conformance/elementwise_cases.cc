#include <limits>

#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

using Unary = std::function<Tensor(const Tensor&)>;
using Binary = std::function<Tensor(const Tensor&, const Tensor&)>;

/// Scalars, rows of odd lengths, images with channel counts that no vector width divides, and more elements than one thread is given, in
/// no whole number of vectors.
const std::vector<Shape> shapes = {Shape{},
                                   Shape{1},
                                   Shape{7},
                                   Shape{3, 5},
                                   Shape{2, 17, 5, 3},
                                   Shape{1, 1, 1, 1},
                                   Shape{2, 3, 1, 2, 3},
                                   Shape{1, 1031},
                                   Shape{40003}};

OpCases unary(const OpDefinition& op, const Unary& f, double low, double high) {
  OpCases result{&op, {}};
  for (const Shape& shape : shapes) {
    result.cases.push_back(
        {shape.to_string(), [=](CaseBuilder& b) { b.output(f(b.uniform(shape, low, high))); }});
  }
  return result;
}

/// Gradients that are made from the op's own output.
OpCases unary_backward(const OpDefinition& op, const Unary& f, const Binary& backward) {
  OpCases result{&op, {}};
  for (const Shape& shape : shapes) {
    result.cases.push_back({shape.to_string(), [=](CaseBuilder& b) {
                              const Tensor dy = b.uniform(shape);
                              b.output(backward(dy, f(b.uniform(shape, -3.0, 3.0))));
                            }});
  }
  return result;
}

struct Broadcast {
  Shape a;
  Shape b;
};

const std::vector<Broadcast> broadcasts = {
    {{}, {}},
    {{3, 5}, {3, 5}},
    {{2, 17, 5, 3}, {2, 17, 5, 3}},
    {{2, 3, 5, 7}, {}},
    {{}, {4, 3}},
    {{4, 7}, {7}},
    {{7}, {4, 7}},
    {{4, 7}, {4, 1}},
    {{2, 17, 5, 3}, {1, 17, 1, 1}},
    {{1, 17, 1, 1}, {2, 17, 5, 3}},
    {{2, 5, 3, 4}, {5, 1, 1}},
    {{2, 5, 3, 4}, {2, 1, 1, 4}},
    {{2, 5, 3, 4}, {1, 1, 3, 4}},
    {{3, 1}, {1, 4}},
    {{2, 1, 3, 1}, {5, 1, 4}},
    {{1, 1, 1, 1}, {1}},
    {{3, 2, 1, 2, 3}, {2, 4, 1, 1}},
    {{40003}, {40003}},
    {{40003}, {}},
    {{}, {40003}},
    {{23, 1741}, {1741}},
    {{23, 1}, {23, 1741}},
    {{1741, 23}, {1741, 1}},
    {{7, 17, 337}, {1, 17, 1}},
};

OpCases binary(const OpDefinition& op, const Binary& f, double low) {
  OpCases result{&op, {}};
  for (const Broadcast& shapes : broadcasts) {
    result.cases.push_back({shapes.a.to_string() + " with " + shapes.b.to_string(), [=](CaseBuilder& b) {
                              const Tensor left = b.uniform(shapes.a, -1.0, 2.0);
                              b.output(f(left, b.uniform(shapes.b, low, 2.0)));
                            }});
  }
  result.cases.push_back({"of one operand with itself", [=](CaseBuilder& b) {
                            const Tensor x = b.uniform({3, 5}, 0.5, 2.0);
                            b.output(f(x, x));
                          }});
  return result;
}

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

OpCases is_finite_cases() {
  return {&ops::is_finite(),
          {{"of numbers, infinities and none",
            [](CaseBuilder& b) {
              b.output(is_finite(b.numbers({7}, {0.0, infinity, -infinity, nan, -nan, 1e30, -1e-30})));
            },
            true}}};
}

OpCases sign_cases() {
  return {&ops::sign(),
          {{"of both signs and of zero",
            [](CaseBuilder& b) {
              b.output(sign(b.numbers({7}, {0.0, -0.0, 2.0, -2.0, 1e-30, -1e-30, infinity})));
            },
            true}}};
}

OpCases greater_equal_cases() {
  return {&ops::greater_equal(),
          {{"below, at and above the threshold",
            [](CaseBuilder& b) {
              b.output(greater_equal(b.numbers({4}, {0.25, 0.5, 0.75, -1.0}), 0.5));
            },
            true},
           {"of random numbers, as dropout has them",
            [](CaseBuilder& b) {
              b.output(greater_equal(b.uniform({3, 17}, 0.0, 1.0), 0.25));
            },
            true}}};
}

OpCases stop_gradient_cases() {
  return {&ops::stop_gradient(),
          {{"is its operand",
            [](CaseBuilder& b) {
              b.output(stop_gradient(b.uniform({2, 3})));
            },
            true},
           {"within other ops", [](CaseBuilder& b) {
              const Tensor x = b.uniform({2, 3});
              b.output(stop_gradient(relu(x)) + x);
            }}}};
}

OpCases extremes(const OpDefinition& op, const Unary& f) {
  return {&op, {{"far from zero", [=](CaseBuilder& b) {
                   b.output(f(b.numbers({6}, {-100.0, 100.0, -20.0, 20.0, 0.0, -745.0})));
                 }}}};
}

}  // namespace

std::vector<OpCases> elementwise_cases() {
  const Unary leaky = [](const Tensor& x) { return leaky_relu(x, 0.2); };
  return {
      unary(ops::relu(), relu, -1.0, 1.0),
      unary(ops::leaky_relu(), leaky, -1.0, 1.0),
      unary(ops::sigmoid(), sigmoid, -6.0, 6.0),
      extremes(ops::sigmoid(), sigmoid),
      unary(ops::tanh(), tanh, -3.0, 3.0),
      extremes(ops::tanh(), tanh),
      unary(ops::exp(), exp, -3.0, 3.0),
      unary(ops::log(), log, 0.25, 8.0),
      unary(ops::sqrt(), sqrt, 0.0, 4.0),
      unary(ops::rsqrt(), rsqrt, 0.25, 4.0),
      unary(ops::square(), square, -2.0, 2.0),
      unary(ops::abs(), abs, -1.0, 1.0),
      unary(ops::sign(), sign, -1.0, 1.0),
      sign_cases(),
      unary(ops::reciprocal(), reciprocal, 0.25, 4.0),
      unary(
          ops::affine(), [](const Tensor& x) { return affine(x, -2.5, 0.75); }, -1.0, 1.0),
      greater_equal_cases(),
      is_finite_cases(),
      stop_gradient_cases(),
      unary_backward(ops::relu_backward(), relu, relu_backward),
      unary_backward(ops::leaky_relu_backward(), leaky,
                     [](const Tensor& dy, const Tensor& y) { return leaky_relu_backward(dy, y, 0.2); }),
      unary_backward(ops::sigmoid_backward(), sigmoid, sigmoid_backward),
      unary_backward(ops::tanh_backward(), tanh, tanh_backward),
      binary(ops::add(), add, -1.0),
      binary(ops::subtract(), subtract, -1.0),
      binary(ops::multiply(), multiply, -1.0),
      binary(ops::divide(), divide, 0.5),
      binary(ops::maximum(), maximum, -1.0),
      binary(ops::minimum(), minimum, -1.0),
  };
}

}  // namespace generalizer::test
