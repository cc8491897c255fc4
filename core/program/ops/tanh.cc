#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

namespace generalizer {

const OpDefinition& ops::tanh() {
  static const OpDefinition definition =
      unary("tanh", "The hyperbolic tangent of x.", mapped([]<class T>(T x) { return std::tanh(x); }),
            unary_gradient([](Tensor dy, Tensor, Tensor y) { return generalizer::tanh_backward(dy, y); }));
  return definition;
}

const OpDefinition& ops::tanh_backward() {
  static const OpDefinition definition =
      unary_backward("tanh_backward", "dy·(1 − y²); the gradient of tanh.",
                     mapped_pairs([]<class T>(T dy, T y) { return dy * (T{1} - y * y); }), 3);
  return definition;
}

Tensor tanh(const Tensor& x) { return generalizer::apply(ops::tanh(), std::array{x}); }
Tensor tanh_backward(const Tensor& dy, const Tensor& y) {
  return generalizer::apply(ops::tanh_backward(), std::array{dy, y});
}

}  // namespace generalizer
