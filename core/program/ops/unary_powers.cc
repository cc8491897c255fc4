#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// sqrt, rsqrt, square and reciprocal. The gradients of the roots and of the reciprocal come from the output.
namespace generalizer {

const OpDefinition& ops::sqrt() {
  static const OpDefinition definition =
      unary("sqrt", "√x.", mapped([]<class T>(T x) { return std::sqrt(x); }),
            unary_gradient([](Tensor dy, Tensor, Tensor y) { return dy / y * 0.5; }));
  return definition;
}

const OpDefinition& ops::rsqrt() {
  static const OpDefinition definition = unary(
      "rsqrt", "1/√x.", mapped([]<class T>(T x) { return T{1} / std::sqrt(x); }),
      unary_gradient([](Tensor dy, Tensor, Tensor y) { return dy * generalizer::square(y) * y * -0.5; }));
  return definition;
}

const OpDefinition& ops::square() {
  static const OpDefinition definition =
      unary("square", "x².", mapped([]<class T>(T x) { return x * x; }),
            unary_gradient([](Tensor dy, Tensor x, Tensor) { return dy * x * 2.0; }));
  return definition;
}

const OpDefinition& ops::reciprocal() {
  static const OpDefinition definition =
      unary("reciprocal", "1/x.", mapped([]<class T>(T x) { return T{1} / x; }),
            unary_gradient([](Tensor dy, Tensor, Tensor y) { return -(dy * generalizer::square(y)); }));
  return definition;
}

Tensor sqrt(const Tensor& x) { return generalizer::apply(ops::sqrt(), std::array{x}); }
Tensor rsqrt(const Tensor& x) { return generalizer::apply(ops::rsqrt(), std::array{x}); }
Tensor square(const Tensor& x) { return generalizer::apply(ops::square(), std::array{x}); }
Tensor reciprocal(const Tensor& x) { return generalizer::apply(ops::reciprocal(), std::array{x}); }

}  // namespace generalizer
