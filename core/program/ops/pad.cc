#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  TensorType result = signature.inputs[0];
  const std::size_t axis = ops::require_axis(signature.attributes.integer("axis"), result.shape);
  const std::int64_t before = signature.attributes.integer("before");
  const std::int64_t after = signature.attributes.integer("after");
  if (before < 0 || after < 0) {
    throw Error("the padding is " + std::to_string(before) + " before and " + std::to_string(after) +
                " after, and neither may be negative");
  }
  result.shape[axis] += before + after;
  return {result};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const std::int64_t axis = context.node.attributes.integer("axis");
  const std::int64_t before = context.node.attributes.integer("before");
  const std::int64_t extent = context.inputs[0].dim(static_cast<std::size_t>(axis));
  return {slice(context.output_gradients[0], axis, before, before + extent)};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& y = context.outputs[0];
  const auto axis = static_cast<std::size_t>(context.attributes.integer("axis"));
  std::memset(y.data, 0, static_cast<std::size_t>(y.type.bytes()));
  ops::copy_planes(x, 0, y, context.attributes.integer("before"), x.type.shape[axis], axis);
}

}  // namespace

const OpDefinition& ops::pad() {
  static const OpDefinition definition{.name = "pad",
                                       .summary = "x with zeros before and after it along an axis.",
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

Tensor pad(const Tensor& x, std::int64_t axis, std::int64_t before, std::int64_t after) {
  return generalizer::apply(ops::pad(), std::array{x},
                            {{"axis", axis}, {"before", before}, {"after", after}});
}

}  // namespace generalizer
