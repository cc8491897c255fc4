#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

/// Throws unless the part differs from the first along `axis` alone.
void require_alike(const TensorType& first, const TensorType& part, std::size_t index, std::size_t axis) {
  bool alike = part.dtype == first.dtype && part.shape.rank() == first.shape.rank();
  for (std::size_t i = 0; alike && i < first.shape.rank(); ++i) {
    alike = i == axis || part.shape[i] == first.shape[i];
  }
  if (!alike) {
    throw Error("part " + std::to_string(index) + " is " + to_string(part) + " and must be as part 0, " +
                to_string(first) + ", but along axis " + std::to_string(axis));
  }
}

std::vector<TensorType> infer(const OpSignature& signature) {
  if (signature.inputs.empty()) throw Error("there is no part; there must be at least one");
  TensorType result = signature.inputs[0];
  const std::size_t axis = ops::require_axis(signature.attributes.integer("axis"), result.shape);
  for (std::size_t i = 1; i < signature.inputs.size(); ++i) {
    require_alike(signature.inputs[0], signature.inputs[i], i, axis);
    result.shape[axis] += signature.inputs[i].shape[axis];
  }
  return {result};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  const std::int64_t axis = context.node.attributes.integer("axis");
  std::vector<Tensor> gradients(context.inputs.size());
  std::int64_t begin = 0;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const std::int64_t end = begin + context.inputs[i].dim(static_cast<std::size_t>(axis));
    if (context.wanted[i]) gradients[i] = slice(context.output_gradients[0], axis, begin, end);
    begin = end;
  }
  return gradients;
}

void reference(const KernelContext& context) {
  const auto axis = static_cast<std::size_t>(context.attributes.integer("axis"));
  std::int64_t begin = 0;
  for (const HostTensor& part : context.inputs) {
    const std::int64_t count = part.type.shape[axis];
    ops::copy_planes(part, 0, context.outputs[0], begin, count, axis);
    begin += count;
  }
}

}  // namespace

const OpDefinition& ops::concat() {
  static const OpDefinition definition{.name = "concat",
                                       .summary = "The parts one after the other along an axis.",
                                       .input_names = {"parts..."},
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

Tensor concat(std::span<const Tensor> parts, std::int64_t axis) {
  return generalizer::apply(ops::concat(), parts, {{"axis", axis}});
}

}  // namespace generalizer
