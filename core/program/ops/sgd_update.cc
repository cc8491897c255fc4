#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/update.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType scalar = ops::require_weight_types(signature, {"weight", "gradient"});
  ops::require_type(signature, 2, "learning rate", scalar);
  ops::require_type(signature, 3, "gate", scalar);
  return {signature.inputs[0]};
}

void reference(const KernelContext& context) {
  if (!ops::is_open(context.inputs[3])) return ops::keep(context, {{0, 0}});
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* weight = context.inputs[0].as<const T>();
    const T* gradient = context.inputs[1].as<const T>();
    const T rate = *context.inputs[2].as<const T>();
    T* to = context.outputs[0].as<T>();
    for (std::int64_t i = 0, n = context.inputs[0].type.shape.elements(); i < n; ++i) {
      to[i] = weight[i] - rate * gradient[i];
    }
  });
}

}  // namespace

const OpDefinition& ops::sgd_update() {
  static const OpDefinition definition{
      .name = "sgd_update",
      .summary = "weight − learning_rate·gradient; the weight where the gate is 0.",
      .input_names = {"weight", "gradient", "learning_rate", "gate"},
      .output_names = {"weight"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = flops_per_element(2),
      .in_place = {{0, 0}},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor sgd_update(const Tensor& weight, const Tensor& gradient, const Tensor& learning_rate,
                  const Tensor& gate) {
  return generalizer::apply(ops::sgd_update(), std::array{weight, gradient, learning_rate, gate});
}

}  // namespace generalizer
