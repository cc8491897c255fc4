#pragma once

#include <string>
#include <utility>

#include "program/ops/operand_checks.h"

/// What the elementwise ops share: F[shape] → F[shape], and their gradients F[shape], F[shape] → F[shape].
namespace generalizer::ops {

inline std::vector<TensorType> infer_unary(const OpSignature& signature) {
  common_floating_type(signature, {"operand"});
  return {signature.inputs[0]};
}

inline std::vector<TensorType> infer_unary_backward(const OpSignature& signature) {
  common_floating_type(signature, {"gradient", "output"});
  require_shape(signature.inputs[1].shape, "output", signature.inputs[0].shape, "the shape of the gradient");
  return {signature.inputs[0]};
}

/// y[i] = f(x[i])
template <class F>
void map_elements(const KernelContext& context, F f) {
  const HostTensor& x = context.inputs[0];
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* y = context.outputs[0].as<T>();
    for (std::int64_t i = 0, n = x.type.shape.elements(); i < n; ++i) y[i] = f(from[i]);
  });
}

/// y[i] = f(a[i], b[i])
template <class F>
void map_pairs(const KernelContext& context, F f) {
  const HostTensor& a = context.inputs[0];
  dispatch_floating(a.type.dtype, [&]<class T>(T) {
    const T* left = a.as<const T>();
    const T* right = context.inputs[1].as<const T>();
    T* y = context.outputs[0].as<T>();
    for (std::int64_t i = 0, n = a.type.shape.elements(); i < n; ++i) y[i] = f(left[i], right[i]);
  });
}

/// The kernel of an op without attributes.
template <class F>
ReferenceKernel mapped(F f) {
  return [f](const KernelContext& context) { map_elements(context, f); };
}

template <class F>
ReferenceKernel mapped_pairs(F f) {
  return [f](const KernelContext& context) { map_pairs(context, f); };
}

/// Operations of an op that does `count` an element of its first operand.
inline auto flops_per_element(double count) {
  return [count](const OpSignature& signature) {
    return count * static_cast<double>(signature.inputs[0].shape.elements());
  };
}

inline OpDefinition unary(std::string name, std::string summary, ReferenceKernel reference,
                          GradientRule gradient) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .input_names = {"x"},
          .output_names = {"y"},
          .infer = infer_unary,
          .gradient = std::move(gradient),
          .reference = std::move(reference),
          .flops = {},
          .in_place = {{0, 0}},
          .view = false,
          .workspaces = {}};
}

/// `flops`: operations an element.
inline OpDefinition unary_backward(std::string name, std::string summary, ReferenceKernel reference,
                                   double flops) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .input_names = {"dy", "y"},
          .output_names = {"dx"},
          .infer = infer_unary_backward,
          .gradient = {},
          .reference = std::move(reference),
          .flops = flops_per_element(flops),
          .in_place = {{0, 0}, {0, 1}},
          .view = false,
          .workspaces = {}};
}

/// The rule of an op with one operand: `derive(dy, x, y)` gives d loss / dx.
template <class F>
GradientRule unary_gradient(F derive) {
  return [derive](const GradientContext& context) -> std::vector<Tensor> {
    if (!context.wanted[0]) return {Tensor{}};
    return {derive(context.output_gradients[0], context.inputs[0], context.outputs[0])};
  };
}

}  // namespace generalizer::ops
