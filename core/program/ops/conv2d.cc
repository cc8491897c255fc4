#include <algorithm>
#include <array>

#include "program/ops/convolution.h"
#include "program/ops/definitions.h"
#include "program/ops/rows.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"image", "weights"});
  const auto s =
      ops::sizes_of_conv2d(signature.inputs[0].shape, signature.inputs[1].shape, signature.attributes);
  return {{dtype, s.y_shape()}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& x = context.inputs[0];
  const Tensor& weights = context.inputs[1];
  const Tensor& dy = context.output_gradients[0];
  const ConvolutionGeometry geometry = ops::geometry_of(context.node.attributes);
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = conv2d_backward_data(dy, weights, geometry, {x.dim(2), x.dim(3)});
  if (context.wanted[1])
    gradients[1] = conv2d_backward_weights(x, dy, geometry, {weights.dim(2), weights.dim(3)});
  return gradients;
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& weights = context.inputs[1];
  const auto s = ops::sizes_of_conv2d(x.type.shape, weights.type.shape, context.attributes);
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    const T* by = weights.as<const T>();
    T* y = context.outputs[0].as<T>();
    std::fill_n(y, context.outputs[0].type.shape.elements(), T{});
    const std::int64_t step = s.window.columns.stride;
    ops::for_each_row(s, [&](std::int64_t w, std::int64_t in, std::int64_t out, std::int64_t count) {
      ops::add_scaled(count, by[w], from + in, step, y + out, 1);
    });
  });
}

double flops(const OpSignature& signature) {
  return ops::convolution_flops(
      ops::sizes_of_conv2d(signature.inputs[0].shape, signature.inputs[1].shape, signature.attributes));
}

}  // namespace

const OpDefinition& ops::conv2d() {
  static const OpDefinition definition{
      .name = "conv2d",
      .summary = "Cross-correlation of images (NCHW) with a bank of kernels.",
      .input_names = {"x", "weights"},
      .output_names = {"y"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor conv2d(const Tensor& x, const Tensor& weights, const ConvolutionGeometry& geometry) {
  return apply(ops::conv2d(), std::array{x, weights}, ops::attributes_of(geometry));
}

}  // namespace generalizer
