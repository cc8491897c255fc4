#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// exp and log.
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

Tensor exp(const Tensor& x) { return generalizer::apply(ops::exp(), std::array{x}); }
Tensor log(const Tensor& x) { return generalizer::apply(ops::log(), std::array{x}); }

}  // namespace generalizer
