#include <array>
#include <cmath>
#include <numbers>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// exp, log and the error function.
namespace generalizer {

const OpDefinition& ops::exp() {
  static const OpDefinition definition =
      unary("exp", "e^x.", mapped([]<class T>(T x) { return std::exp(x); }),
            unary_gradient([](Tensor dy, Tensor, Tensor y) { return dy * y; }));
  return definition;
}

const OpDefinition& ops::log() {
  static const OpDefinition definition =
      unary("log", "The natural logarithm of x.", mapped([]<class T>(T x) { return std::log(x); }),
            unary_gradient([](Tensor dy, Tensor x, Tensor) { return dy / x; }));
  return definition;
}

const OpDefinition& ops::erf() {
  static const OpDefinition definition =
      unary("erf", "2/√π·∫₀ˣ e^−t² dt.", mapped([]<class T>(T x) { return std::erf(x); }),
            unary_gradient([](Tensor dy, Tensor x, Tensor) {
              return dy * affine(generalizer::exp(negate(square(x))), 2.0 * std::numbers::inv_sqrtpi, 0.0);
            }));
  return definition;
}

Tensor exp(const Tensor& x) { return generalizer::apply(ops::exp(), std::array{x}); }
Tensor log(const Tensor& x) { return generalizer::apply(ops::log(), std::array{x}); }
Tensor erf(const Tensor& x) { return generalizer::apply(ops::erf(), std::array{x}); }

}  // namespace generalizer
