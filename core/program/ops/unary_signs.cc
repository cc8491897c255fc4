#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// abs and sign.
namespace generalizer {

const OpDefinition& ops::abs() {
  static const OpDefinition definition =
      unary("abs", "|x|; its gradient at 0 is 0.", mapped([]<class T>(T x) { return std::abs(x); }),
            unary_gradient([](Tensor dy, Tensor x, Tensor) { return dy * generalizer::sign(x); }));
  return definition;
}

const OpDefinition& ops::sign() {
  // No gradient is the zero gradient: what stays undefined adds nothing.
  static const OpDefinition definition =
      unary("sign", "−1, 0 or 1 by the sign of x; its gradient is zero.", mapped([]<class T>(T x) {
              if (std::isnan(x)) return x;
              return static_cast<T>((x > T{0}) - (x < T{0}));
            }),
            [](const GradientContext&) { return std::vector<Tensor>(1); });
  return definition;
}

Tensor abs(const Tensor& x) { return generalizer::apply(ops::abs(), std::array{x}); }
Tensor sign(const Tensor& x) { return generalizer::apply(ops::sign(), std::array{x}); }

}  // namespace generalizer
