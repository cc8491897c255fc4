#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// greater_equal and is_finite: 1 or 0 an element. They have no derivative.
namespace generalizer {
namespace {

void greater_equal_reference(const KernelContext& context) {
  const double threshold = context.attributes.number("threshold");
  ops::map_elements(context,
                    [threshold]<class T>(T x) { return x >= static_cast<T>(threshold) ? T{1} : T{0}; });
}

std::vector<TensorType> infer_greater_equal(const OpSignature& signature) {
  signature.attributes.number("threshold");
  return ops::infer_unary(signature);
}

}  // namespace

const OpDefinition& ops::greater_equal() {
  static const OpDefinition definition = [] {
    OpDefinition op =
        unary("greater_equal", "1 where x ≥ threshold, else 0.", greater_equal_reference, GradientRule{});
    op.infer = infer_greater_equal;
    return op;
  }();
  return definition;
}

const OpDefinition& ops::is_finite() {
  static const OpDefinition definition =
      unary("is_finite", "1 where x is neither NaN nor infinite, else 0.",
            mapped([]<class T>(T x) { return std::isfinite(x) ? T{1} : T{0}; }), GradientRule{});
  return definition;
}

Tensor greater_equal(const Tensor& x, double threshold) {
  return generalizer::apply(ops::greater_equal(), std::array{x}, {{"threshold", threshold}});
}
Tensor is_finite(const Tensor& x) { return generalizer::apply(ops::is_finite(), std::array{x}); }

}  // namespace generalizer
