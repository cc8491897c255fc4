#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

namespace generalizer {

const OpDefinition& ops::sigmoid() {
  static const OpDefinition definition =
      unary("sigmoid", "1 / (1 + e^−x).", mapped([]<class T>(T x) { return T{1} / (T{1} + std::exp(-x)); }),
            unary_gradient([](Tensor dy, Tensor, Tensor y) { return generalizer::sigmoid_backward(dy, y); }));
  return definition;
}

const OpDefinition& ops::sigmoid_backward() {
  static const OpDefinition definition =
      unary_backward("sigmoid_backward", "dy·y·(1 − y); the gradient of sigmoid.",
                     mapped_pairs([]<class T>(T dy, T y) { return dy * y * (T{1} - y); }), 3);
  return definition;
}

Tensor sigmoid(const Tensor& x) { return generalizer::apply(ops::sigmoid(), std::array{x}); }
Tensor sigmoid_backward(const Tensor& dy, const Tensor& y) {
  return generalizer::apply(ops::sigmoid_backward(), std::array{dy, y});
}

}  // namespace generalizer
