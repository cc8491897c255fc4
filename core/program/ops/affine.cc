#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  signature.attributes.number("scale");
  signature.attributes.number("shift");
  return ops::infer_unary(signature);
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  return {affine(context.output_gradients[0], context.node.attributes.number("scale"), 0.0)};
}

void reference(const KernelContext& context) {
  const double scale = context.attributes.number("scale");
  const double shift = context.attributes.number("shift");
  ops::map_elements(context, [&]<class T>(T x) { return static_cast<T>(scale) * x + static_cast<T>(shift); });
}

}  // namespace

const OpDefinition& ops::affine() {
  static const OpDefinition definition = [] {
    OpDefinition op = unary("affine", "scale·x + shift.", reference, gradient);
    op.infer = infer;
    op.flops = flops_per_element(2);
    return op;
  }();
  return definition;
}

Tensor affine(const Tensor& x, double scale, double shift) {
  return generalizer::apply(ops::affine(), std::array{x}, {{"scale", scale}, {"shift", shift}});
}
Tensor negate(const Tensor& x) { return affine(x, -1.0, 0.0); }

}  // namespace generalizer
