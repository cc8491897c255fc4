#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/update.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::require_type(signature, 0, "counter", {DType::i64, Shape{}});
  ops::require_floating_scalar(signature.inputs[1], "gate");
  return {signature.inputs[0]};
}

void reference(const KernelContext& context) {
  const std::int64_t counter = *context.inputs[0].as<const std::int64_t>();
  *context.outputs[0].as<std::int64_t>() = counter + (ops::is_open(context.inputs[1]) ? 1 : 0);
}

}  // namespace

const OpDefinition& ops::increment() {
  static const OpDefinition definition{.name = "increment",
                                       .summary = "counter + 1; the counter where the gate is 0.",
                                       .input_names = {"counter", "gate"},
                                       .output_names = {"counter"},
                                       .infer = infer,
                                       .gradient = {},
                                       .reference = reference,
                                       .flops = [](const OpSignature&) { return 0.0; },
                                       .in_place = {{0, 0}},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor increment(const Tensor& counter, const Tensor& gate) {
  return generalizer::apply(ops::increment(), std::array{counter, gate});
}

}  // namespace generalizer
