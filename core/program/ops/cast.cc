#include <array>
#include <cmath>
#include <limits>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  return {{ops::dtype_attribute(signature.attributes), signature.inputs[0].shape}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  const DType from = context.inputs[0].dtype();
  const bool differentiable = is_floating(from) && is_floating(context.outputs[0].dtype());
  if (!context.wanted[0] || !differentiable) return {Tensor{}};
  return {cast(context.output_gradients[0], from)};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& y = context.outputs[0];
  const std::int64_t elements = x.type.shape.elements();
  dispatch_element(x.type.dtype, [&]<class From>(From) {
    dispatch_element(y.type.dtype, [&]<class To>(To) {
      std::transform(x.as<const From>(), x.as<const From>() + elements, y.as<To>(), converted<To, From>);
    });
  });
}

}  // namespace

const OpDefinition& ops::cast() {
  static const OpDefinition definition{
      .name = "cast",
      .summary = "x as another type; towards zero, and to the nearest end of an integer type.",
      .input_names = {"x"},
      .output_names = {"y"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = no_flops,
      .in_place = {{0, 0}},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor cast(const Tensor& x, DType dtype) {
  return generalizer::apply(ops::cast(), std::array{x}, {{"dtype", std::string(name_of(dtype))}});
}

}  // namespace generalizer
