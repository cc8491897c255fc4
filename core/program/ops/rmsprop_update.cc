#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/update.h"

// Tieleman, Hinton, 2012, "Lecture 6.5: rmsprop", in the form of PyTorch (epsilon outside the root).
namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType scalar = ops::require_weight_types(signature, {"weight", "gradient", "mean square"});
  ops::require_type(signature, 3, "learning rate", scalar);
  ops::require_type(signature, 4, "gate", scalar);
  for (const char* name : {"decay", "epsilon"}) signature.attributes.number(name);
  return {signature.inputs[0], signature.inputs[2]};
}

void reference(const KernelContext& context) {
  if (!ops::is_open(context.inputs[4])) return ops::keep(context, {{0, 0}, {1, 2}});
  const double decay = context.attributes.number("decay");
  const double epsilon = context.attributes.number("epsilon");
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* weight = context.inputs[0].as<const T>();
    const T* gradient = context.inputs[1].as<const T>();
    const T* mean_square = context.inputs[2].as<const T>();
    const auto rate = static_cast<double>(*context.inputs[3].as<const T>());
    T* new_weight = context.outputs[0].as<T>();
    T* new_mean_square = context.outputs[1].as<T>();
    for (std::int64_t i = 0, n = context.inputs[0].type.shape.elements(); i < n; ++i) {
      const auto g = static_cast<double>(gradient[i]);
      const double next = decay * static_cast<double>(mean_square[i]) + (1.0 - decay) * g * g;
      new_weight[i] =
          static_cast<T>(static_cast<double>(weight[i]) - rate * g / (std::sqrt(next) + epsilon));
      new_mean_square[i] = static_cast<T>(next);
    }
  });
}

}  // namespace

const OpDefinition& ops::rmsprop_update() {
  static const OpDefinition definition{
      .name = "rmsprop_update",
      .summary =
          "s' = decay·s + (1−decay)·g²; weight' = weight − learning_rate·g/(√s' + epsilon); both as they were "
          "where the gate is 0.",
      .input_names = {"weight", "gradient", "mean_square", "learning_rate", "gate"},
      .output_names = {"weight", "mean_square"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = flops_per_element(9),
      .in_place = {{0, 0}, {1, 2}},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> rmsprop_update(const Tensor& weight, const Tensor& gradient, const Tensor& mean_square,
                                   const Tensor& learning_rate, const Tensor& gate, double decay,
                                   double epsilon) {
  return apply_all(ops::rmsprop_update(), std::array{weight, gradient, mean_square, learning_rate, gate},
                   {{"decay", decay}, {"epsilon", epsilon}});
}

}  // namespace generalizer
