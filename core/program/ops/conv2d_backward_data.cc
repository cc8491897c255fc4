#include <algorithm>
#include <array>

#include "program/ops/convolution.h"
#include "program/ops/definitions.h"
#include "program/ops/rows.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"output gradient", "weights"});
  const auto s =
      ops::sizes_of_backward_data(signature.inputs[0].shape, signature.inputs[1].shape, signature.attributes);
  return {{dtype, s.x_shape()}};
}

// The op is the transpose of conv2d, so its own transpose is conv2d again.
std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& dy = context.inputs[0];
  const Tensor& weights = context.inputs[1];
  const Tensor& g = context.output_gradients[0];  // F[N×I×H×W]
  const ConvolutionGeometry geometry = ops::geometry_of(context.node.attributes);
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = conv2d(g, weights, geometry);
  if (context.wanted[1])
    gradients[1] = conv2d_backward_weights(g, dy, geometry, {weights.dim(2), weights.dim(3)});
  return gradients;
}

void reference(const KernelContext& context) {
  const HostTensor& dy = context.inputs[0];
  const HostTensor& weights = context.inputs[1];
  const auto s = ops::sizes_of_backward_data(dy.type.shape, weights.type.shape, context.attributes);
  dispatch_floating(dy.type.dtype, [&]<class T>(T) {
    const T* from = dy.as<const T>();
    const T* by = weights.as<const T>();
    T* dx = context.outputs[0].as<T>();
    std::fill_n(dx, context.outputs[0].type.shape.elements(), T{});
    const std::int64_t step = s.window.columns.stride;
    ops::for_each_row(s, [&](std::int64_t w, std::int64_t in, std::int64_t out, std::int64_t count) {
      ops::add_scaled(count, by[w], from + out, 1, dx + in, step);
    });
  });
}

double flops(const OpSignature& signature) {
  return ops::convolution_flops(ops::sizes_of_backward_data(signature.inputs[0].shape,
                                                            signature.inputs[1].shape, signature.attributes));
}

}  // namespace

const OpDefinition& ops::conv2d_backward_data() {
  static const OpDefinition definition{
      .name = "conv2d_backward_data",
      .summary = "Gradient of conv2d by its image; the transposed convolution.",
      .input_names = {"dy", "weights"},
      .output_names = {"dx"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor conv2d_backward_data(const Tensor& dy, const Tensor& weights, const ConvolutionGeometry& geometry,
                            std::vector<std::int64_t> input_size) {
  Attributes attributes = ops::attributes_of(geometry);
  attributes.set("input_size", std::move(input_size));
  return apply(ops::conv2d_backward_data(), std::array{dy, weights}, std::move(attributes));
}

}  // namespace generalizer
