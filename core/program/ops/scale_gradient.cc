#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::common_floating_type(signature, {"operand"});
  signature.attributes.number("factor");
  return {signature.inputs[0]};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  return {affine(context.output_gradients[0], context.node.attributes.number("factor"), 0.0)};
}

}  // namespace

const OpDefinition& ops::scale_gradient() {
  static const OpDefinition definition{.name = "scale_gradient",
                                       .summary = "x; its gradient is factor·dy.",
                                       .input_names = {"x"},
                                       .output_names = {"y"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = copy_whole,
                                       .flops = no_flops,
                                       .in_place = {{0, 0}},
                                       .view = true,
                                       .workspaces = {}};
  return definition;
}

Tensor scale_gradient(const Tensor& x, double factor) {
  return generalizer::apply(ops::scale_gradient(), std::array{x}, {{"factor", factor}});
}

}  // namespace generalizer
