#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  TensorType result = signature.inputs[0];
  const std::size_t axis = ops::require_axis(signature.attributes.integer("axis"), result.shape);
  const std::int64_t begin = signature.attributes.integer("begin");
  const std::int64_t end = signature.attributes.integer("end");
  const std::int64_t extent = result.shape[axis];
  if (begin < 0 || end > extent || begin >= end) {
    throw Error("the slice is [" + std::to_string(begin) + ", " + std::to_string(end) +
                ") and must be a part of [0, " + std::to_string(extent) + "), axis " + std::to_string(axis) +
                " of " + result.shape.to_string() + ", with at least one element");
  }
  result.shape[axis] = end - begin;
  return {result};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const std::int64_t axis = context.node.attributes.integer("axis");
  const std::int64_t begin = context.node.attributes.integer("begin");
  const std::int64_t end = context.node.attributes.integer("end");
  const std::int64_t extent = context.inputs[0].dim(static_cast<std::size_t>(axis));
  return {pad(context.output_gradients[0], axis, begin, extent - end)};
}

void reference(const KernelContext& context) {
  const std::int64_t begin = context.attributes.integer("begin");
  ops::copy_planes(context.inputs[0], begin, context.outputs[0], 0, context.attributes.integer("end") - begin,
                   static_cast<std::size_t>(context.attributes.integer("axis")));
}

}  // namespace

const OpDefinition& ops::slice() {
  static const OpDefinition definition{.name = "slice",
                                       .summary = "The elements of x in [begin, end) of an axis.",
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

Tensor slice(const Tensor& x, std::int64_t axis, std::int64_t begin, std::int64_t end) {
  return generalizer::apply(ops::slice(), std::array{x}, {{"axis", axis}, {"begin", begin}, {"end", end}});
}

}  // namespace generalizer
