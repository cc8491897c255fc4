#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"
#include "program/ops/update.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType& gate = signature.inputs[0];
  const TensorType& chosen = signature.inputs[1];
  if (!is_floating(gate.dtype) || (gate.shape.rank() != 0 && gate.shape != chosen.shape)) {
    throw Error("the gate is " + to_string(gate) +
                " and must be f32 or f64, one number or of the values' shape, " + chosen.shape.to_string());
  }
  ops::require_type(signature, 2, "other value", chosen);
  return {chosen};
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

void choose_elements(const KernelContext& context) {
  const HostTensor& gate = context.inputs[0];
  dispatch_floating(gate.type.dtype, [&]<class G>(G) {
    dispatch_element(context.outputs[0].type.dtype, [&]<class T>(T) {
      const G* open = gate.as<const G>();
      const T* chosen = context.inputs[1].as<const T>();
      const T* otherwise = context.inputs[2].as<const T>();
      T* y = context.outputs[0].as<T>();
      for (std::int64_t i = 0, n = gate.type.shape.elements(); i < n; ++i)
        y[i] = open[i] != G{0} ? chosen[i] : otherwise[i];
    });
  });
}

void reference(const KernelContext& context) {
  const HostTensor& gate = context.inputs[0];
  if (gate.type.shape.rank() != 0) return choose_elements(context);
  ops::keep(context, {{0, ops::is_open(gate) ? std::size_t{1} : std::size_t{2}}});
}

}  // namespace

const OpDefinition& ops::select() {
  static const OpDefinition definition{
      .name = "select",
      .summary = "gate ≠ 0 ? chosen : otherwise, whole or element by element.",
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
