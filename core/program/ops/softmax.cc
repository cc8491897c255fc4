#include <algorithm>
#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const std::vector<TensorType> types = ops::infer_unary(signature);
  ops::require_axis(signature.attributes.integer("axis"), types[0].shape);
  return types;
}

std::vector<TensorType> infer_backward(const OpSignature& signature) {
  const std::vector<TensorType> types = ops::infer_unary_backward(signature);
  ops::require_axis(signature.attributes.integer("axis"), types[0].shape);
  return types;
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const std::int64_t axis = context.node.attributes.integer("axis");
  return {softmax_backward(context.output_gradients[0], context.outputs[0], axis)};
}

/// f(begin, count, step) for every group of elements along the axis: those at begin, begin + step, ….
template <class F>
void for_each_group(const KernelContext& context, F&& f) {
  const Shape& shape = context.inputs[0].type.shape;
  const ops::AxisSizes s =
      ops::axis_sizes(shape, static_cast<std::size_t>(context.attributes.integer("axis")));
  for (std::int64_t outer = 0; outer < s.outer; ++outer) {
    for (std::int64_t inner = 0; inner < s.inner; ++inner) {
      f(outer * s.extent * s.inner + inner, s.extent, s.inner);
    }
  }
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* y = context.outputs[0].as<T>();
    for_each_group(context, [&](std::int64_t begin, std::int64_t count, std::int64_t step) {
      // Less the largest, no exponential overflows.
      T largest = from[begin];
      for (std::int64_t k = 1; k < count; ++k) largest = std::max(largest, from[begin + k * step]);
      double sum = 0.0;
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t at = begin + k * step;
        y[at] = std::exp(from[at] - largest);
        sum += static_cast<double>(y[at]);
      }
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t at = begin + k * step;
        y[at] = static_cast<T>(static_cast<double>(y[at]) / sum);
      }
    });
  });
}

void backward_reference(const KernelContext& context) {
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* dy = context.inputs[0].as<const T>();
    const T* y = context.inputs[1].as<const T>();
    T* dx = context.outputs[0].as<T>();
    for_each_group(context, [&](std::int64_t begin, std::int64_t count, std::int64_t step) {
      double sum = 0.0;
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t at = begin + k * step;
        sum += static_cast<double>(dy[at]) * static_cast<double>(y[at]);
      }
      for (std::int64_t k = 0; k < count; ++k) {
        const std::int64_t at = begin + k * step;
        dx[at] = static_cast<T>(static_cast<double>(y[at]) * (static_cast<double>(dy[at]) - sum));
      }
    });
  });
}

}  // namespace

const OpDefinition& ops::softmax() {
  static const OpDefinition definition{.name = "softmax",
                                       .summary = "e^x / Σ e^x, the sum over an axis.",
                                       .input_names = {"x"},
                                       .output_names = {"y"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = flops_per_element(5),
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

const OpDefinition& ops::softmax_backward() {
  static const OpDefinition definition{
      .name = "softmax_backward",
      .summary = "y·(dy − Σ dy·y), the sum over an axis; the gradient of softmax.",
      .input_names = {"dy", "y"},
      .output_names = {"dx"},
      .infer = infer_backward,
      .gradient = {},
      .reference = backward_reference,
      .flops = flops_per_element(4),
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor softmax(const Tensor& x, std::int64_t axis) {
  return generalizer::apply(ops::softmax(), std::array{x}, {{"axis", axis}});
}
Tensor softmax_backward(const Tensor& dy, const Tensor& y, std::int64_t axis) {
  return generalizer::apply(ops::softmax_backward(), std::array{dy, y}, {{"axis", axis}});
}

}  // namespace generalizer
