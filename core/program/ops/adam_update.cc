#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/update.h"

// Kingma, Ba, 2015, "Adam: a method for stochastic optimization", algorithm 1.
namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType scalar = ops::require_weight_types(signature, {"weight", "gradient", "m", "v"});
  ops::require_type(signature, 4, "step", {DType::i64, Shape{}});
  ops::require_type(signature, 5, "learning rate", scalar);
  ops::require_type(signature, 6, "gate", scalar);
  for (const char* name : {"beta1", "beta2", "epsilon"}) signature.attributes.number(name);
  if (signature.attributes.has("weight_decay")) signature.attributes.number("weight_decay");
  return {signature.inputs[0], signature.inputs[2], signature.inputs[3]};
}

void reference(const KernelContext& context) {
  if (!ops::is_open(context.inputs[6])) return ops::keep(context, {{0, 0}, {1, 2}, {2, 3}});
  const double beta1 = context.attributes.number("beta1");
  const double beta2 = context.attributes.number("beta2");
  const double epsilon = context.attributes.number("epsilon");
  const double decay =
      context.attributes.has("weight_decay") ? context.attributes.number("weight_decay") : 0.0;
  const auto step = static_cast<double>(*context.inputs[4].as<const std::int64_t>());
  const double correction1 = 1.0 - std::pow(beta1, step);
  const double correction2 = 1.0 - std::pow(beta2, step);
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* weight = context.inputs[0].as<const T>();
    const T* gradient = context.inputs[1].as<const T>();
    const T* m = context.inputs[2].as<const T>();
    const T* v = context.inputs[3].as<const T>();
    const auto rate = static_cast<double>(*context.inputs[5].as<const T>());
    T* new_weight = context.outputs[0].as<T>();
    T* new_m = context.outputs[1].as<T>();
    T* new_v = context.outputs[2].as<T>();
    for (std::int64_t i = 0, n = context.inputs[0].type.shape.elements(); i < n; ++i) {
      const auto g = static_cast<double>(gradient[i]);
      const double first = beta1 * static_cast<double>(m[i]) + (1.0 - beta1) * g;
      const double second = beta2 * static_cast<double>(v[i]) + (1.0 - beta2) * g * g;
      const auto w = static_cast<double>(weight[i]);
      const double direction = (first / correction1) / (std::sqrt(second / correction2) + epsilon);
      new_weight[i] = static_cast<T>(w - rate * (direction + decay * w));
      new_m[i] = static_cast<T>(first);
      new_v[i] = static_cast<T>(second);
    }
  });
}

}  // namespace

const OpDefinition& ops::adam_update() {
  static const OpDefinition definition{
      .name = "adam_update",
      .summary =
          "m' = β1·m + (1−β1)·g; v' = β2·v + (1−β2)·g²; weight' = weight − "
          "learning_rate·((m'/(1−β1^step)) / (√(v'/(1−β2^step)) + epsilon) + weight_decay·weight); all as they "
          "were where the gate is 0.",
      .input_names = {"weight", "gradient", "m", "v", "step", "learning_rate", "gate"},
      .output_names = {"weight", "m", "v"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = flops_per_element(14),
      .in_place = {{0, 0}, {1, 2}, {2, 3}},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> adam_update(const Tensor& weight, const Tensor& gradient, const Tensor& m,
                                const Tensor& v, const Tensor& step, const Tensor& learning_rate,
                                const Tensor& gate, double beta1, double beta2, double epsilon,
                                double weight_decay) {
  Attributes attributes{{"beta1", beta1}, {"beta2", beta2}, {"epsilon", epsilon}};
  if (weight_decay != 0.0) attributes.set("weight_decay", weight_decay);
  return apply_all(ops::adam_update(), std::array{weight, gradient, m, v, step, learning_rate, gate},
                   std::move(attributes));
}

}  // namespace generalizer
