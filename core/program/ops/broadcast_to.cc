#include <array>

#include "program/ops/broadcast.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType& x = signature.inputs[0];
  const Shape shape = ops::shape_attribute(signature.attributes);
  if (ops::broadcast_shape(x.shape, shape) != shape) {
    throw Error("the operand " + x.shape.to_string() + " does not broadcast to " + shape.to_string() +
                ": an axis may stretch only where the operand has 1 or none");
  }
  return {{x.dtype, shape}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  return {ops::sum_to_shape(context.output_gradients[0], context.inputs[0].shape())};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& y = context.outputs[0];
  dispatch_element(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* to = y.as<T>();
    ops::for_each_position<1>(
        y.type.shape, {ops::broadcast_strides(x.type.shape, y.type.shape)},
        [&](std::int64_t i, const std::array<std::int64_t, 1>& at) { to[i] = from[at[0]]; });
  });
}

}  // namespace

const OpDefinition& ops::broadcast_to() {
  static const OpDefinition definition{.name = "broadcast_to",
                                       .summary = "x stretched to a shape, by the rule of NumPy.",
                                       .input_names = {"x"},
                                       .output_names = {"y"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = no_flops,
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor broadcast_to(const Tensor& x, const Shape& shape) {
  return generalizer::apply(ops::broadcast_to(), std::array{x}, {{"shape", ops::attribute_of(shape)}});
}

}  // namespace generalizer
