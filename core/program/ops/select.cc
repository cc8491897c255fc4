#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"
#include "program/ops/update.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::require_floating_scalar(signature.inputs[0], "gate");
  ops::require_type(signature, 2, "other value", signature.inputs[1]);
  return {signature.inputs[1]};
}

// The value that was not selected gets zeros, not 0·dy: NaN must not pass.
std::vector<Tensor> gradient(const GradientContext& context) {
  std::vector<Tensor> gradients(3);
  const TensorType type = context.outputs[0].type();
  const bool wanted = context.wanted[1] || context.wanted[2];
  if (!wanted || !is_floating(type.dtype)) return gradients;
  const Tensor& gate = context.inputs[0];
  const Tensor& dy = context.output_gradients[0];
  const Tensor zeros = fill(context.program, type, 0.0);
  if (context.wanted[1]) gradients[1] = select(gate, dy, zeros);
  if (context.wanted[2]) gradients[2] = select(gate, zeros, dy);
  return gradients;
}

void reference(const KernelContext& context) {
  ops::keep(context, {{0, ops::is_open(context.inputs[0]) ? std::size_t{1} : std::size_t{2}}});
}

}  // namespace

const OpDefinition& ops::select() {
  static const OpDefinition definition{.name = "select",
                                       .summary = "gate ≠ 0 ? chosen : otherwise.",
                                       .input_names = {"gate", "chosen", "otherwise"},
                                       .output_names = {"y"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = no_flops,
                                       .in_place = {{0, 1}, {0, 2}},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor select(const Tensor& gate, const Tensor& chosen, const Tensor& otherwise) {
  return generalizer::apply(ops::select(), std::array{gate, chosen, otherwise});
}

}  // namespace generalizer
