#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/update.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::require_type(signature, 0, "accumulator", {DType::f64, Shape{}});
  ops::require_floating_scalar(signature.inputs[1], "value");
  signature.attributes.number("weight");
  return {signature.inputs[0]};
}

void reference(const KernelContext& context) {
  const HostTensor& value = context.inputs[1];
  const double weight = context.attributes.number("weight");
  dispatch_floating(value.type.dtype, [&]<class T>(T) {
    *context.outputs[0].as<double>() =
        *context.inputs[0].as<const double>() + weight * static_cast<double>(*value.as<const T>());
  });
}

}  // namespace

const OpDefinition& ops::accumulate() {
  static const OpDefinition definition{.name = "accumulate",
                                       .summary = "accumulator + weight·value, in f64.",
                                       .input_names = {"accumulator", "value"},
                                       .output_names = {"accumulator"},
                                       .infer = infer,
                                       .gradient = {},
                                       .reference = reference,
                                       .flops = flops_per_element(2),
                                       .in_place = {{0, 0}},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor accumulate(const Tensor& accumulator, const Tensor& value, double weight) {
  return generalizer::apply(ops::accumulate(), std::array{accumulator, value}, {{"weight", weight}});
}

}  // namespace generalizer
