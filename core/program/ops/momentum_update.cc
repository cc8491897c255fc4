#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/update.h"

// Polyak, 1964; Sutskever et al., 2013, "On the importance of initialization and momentum in deep learning".
namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType scalar = ops::require_weight_types(signature, {"weight", "gradient", "velocity"});
  ops::require_type(signature, 3, "learning rate", scalar);
  ops::require_type(signature, 4, "gate", scalar);
  signature.attributes.number("momentum");
  signature.attributes.integer("nesterov");
  return {signature.inputs[0], signature.inputs[2]};
}

void reference(const KernelContext& context) {
  if (!ops::is_open(context.inputs[4])) return ops::keep(context, {{0, 0}, {1, 2}});
  const bool nesterov = context.attributes.integer("nesterov") != 0;
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* weight = context.inputs[0].as<const T>();
    const T* gradient = context.inputs[1].as<const T>();
    const T* velocity = context.inputs[2].as<const T>();
    const T rate = *context.inputs[3].as<const T>();
    const T momentum = static_cast<T>(context.attributes.number("momentum"));
    T* new_weight = context.outputs[0].as<T>();
    T* new_velocity = context.outputs[1].as<T>();
    for (std::int64_t i = 0, n = context.inputs[0].type.shape.elements(); i < n; ++i) {
      new_velocity[i] = momentum * velocity[i] + gradient[i];
      const T step = nesterov ? gradient[i] + momentum * new_velocity[i] : new_velocity[i];
      new_weight[i] = weight[i] - rate * step;
    }
  });
}

double flops(const OpSignature& signature) {
  const double operations = signature.attributes.integer("nesterov") != 0 ? 6.0 : 4.0;
  return operations * static_cast<double>(signature.inputs[0].shape.elements());
}

}  // namespace

const OpDefinition& ops::momentum_update() {
  static const OpDefinition definition{
      .name = "momentum_update",
      .summary =
          "velocity' = momentum·velocity + gradient; weight' = weight − learning_rate·(nesterov ? "
          "gradient + momentum·velocity' : velocity'); both as they were where the gate is 0.",
      .input_names = {"weight", "gradient", "velocity", "learning_rate", "gate"},
      .output_names = {"weight", "velocity"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = flops,
      .in_place = {{0, 0}, {1, 2}},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> momentum_update(const Tensor& weight, const Tensor& gradient, const Tensor& velocity,
                                    const Tensor& learning_rate, const Tensor& gate, double momentum,
                                    bool nesterov) {
  return apply_all(ops::momentum_update(), std::array{weight, gradient, velocity, learning_rate, gate},
                   {{"momentum", momentum}, {"nesterov", std::int64_t{nesterov}}});
}

}  // namespace generalizer
