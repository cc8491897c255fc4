#include <array>

#include "generalizer/ops.h"
#include "program/ops/broadcast.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType& x = signature.inputs[0];
  const std::vector<std::int64_t>& permutation = signature.attributes.integers("permutation");
  std::vector<bool> taken(x.shape.rank(), false);
  bool fits = permutation.size() == taken.size();
  for (std::size_t i = 0; fits && i < permutation.size(); ++i) {
    const std::int64_t axis = permutation[i];
    fits =
        axis >= 0 && axis < static_cast<std::int64_t>(taken.size()) && !taken[static_cast<std::size_t>(axis)];
    if (fits) taken[static_cast<std::size_t>(axis)] = true;
  }
  if (!fits) {
    throw Error("the permutation is [" + ops::join(permutation) + "] and must hold each of the " +
                std::to_string(x.shape.rank()) + " axes of " + x.shape.to_string() + " once, counted from 0");
  }
  std::vector<std::int64_t> extents;
  for (const std::int64_t axis : permutation) extents.push_back(x.shape[static_cast<std::size_t>(axis)]);
  return {{x.dtype, Shape(std::move(extents))}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const std::vector<std::int64_t>& permutation = context.node.attributes.integers("permutation");
  std::vector<std::int64_t> inverse(permutation.size());
  for (std::size_t i = 0; i < permutation.size(); ++i) {
    inverse[static_cast<std::size_t>(permutation[i])] = static_cast<std::int64_t>(i);
  }
  return {transpose(context.output_gradients[0], std::move(inverse))};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& y = context.outputs[0];
  const std::vector<std::int64_t> own = x.type.shape.strides();
  std::vector<std::int64_t> strides;
  for (const std::int64_t axis : context.attributes.integers("permutation")) {
    strides.push_back(own[static_cast<std::size_t>(axis)]);
  }
  dispatch_element(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* to = y.as<T>();
    ops::for_each_position<1>(
        y.type.shape, {strides},
        [&](std::int64_t i, const std::array<std::int64_t, 1>& at) { to[i] = from[at[0]]; });
  });
}

}  // namespace

const OpDefinition& ops::transpose() {
  static const OpDefinition definition{
      .name = "transpose",
      .summary = "x with its axes reordered: axis i of y is axis permutation[i] of x.",
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

Tensor transpose(const Tensor& x, std::vector<std::int64_t> permutation) {
  return generalizer::apply(ops::transpose(), std::array{x}, {{"permutation", std::move(permutation)}});
}

}  // namespace generalizer
