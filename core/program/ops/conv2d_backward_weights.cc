#include <algorithm>
#include <array>

#include "program/ops/convolution.h"
#include "program/ops/definitions.h"
#include "program/ops/rows.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"image", "output gradient"});
  const auto s = ops::sizes_of_backward_weights(signature.inputs[0].shape, signature.inputs[1].shape,
                                                signature.attributes);
  return {{dtype, s.weights_shape()}};
}

// Linear in x and in dy; g takes the place of the weights.
std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& x = context.inputs[0];
  const Tensor& dy = context.inputs[1];
  const Tensor& g = context.output_gradients[0];  // F[O×(I/groups)×KH×KW]
  const ConvolutionGeometry geometry = ops::geometry_of(context.node.attributes);
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = conv2d_backward_data(dy, g, geometry, {x.dim(2), x.dim(3)});
  if (context.wanted[1]) gradients[1] = conv2d(x, g, geometry);
  return gradients;
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& dy = context.inputs[1];
  const auto s = ops::sizes_of_backward_weights(x.type.shape, dy.type.shape, context.attributes);
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* image = x.as<const T>();
    const T* from = dy.as<const T>();
    T* dw = context.outputs[0].as<T>();
    std::fill_n(dw, context.outputs[0].type.shape.elements(), T{});
    const std::int64_t step = s.window.columns.stride;
    ops::for_each_row(s, [&](std::int64_t w, std::int64_t in, std::int64_t out, std::int64_t count) {
      dw[w] += ops::dot(count, image + in, step, from + out);
    });
  });
}

double flops(const OpSignature& signature) {
  return ops::convolution_flops(ops::sizes_of_backward_weights(
      signature.inputs[0].shape, signature.inputs[1].shape, signature.attributes));
}

}  // namespace

const OpDefinition& ops::conv2d_backward_weights() {
  static const OpDefinition definition{.name = "conv2d_backward_weights",
                                       .summary = "Gradient of conv2d by its weights.",
                                       .input_names = {"x", "dy"},
                                       .output_names = {"dweights"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = flops,
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor conv2d_backward_weights(const Tensor& x, const Tensor& dy, const ConvolutionGeometry& geometry,
                               std::vector<std::int64_t> kernel_size) {
  Attributes attributes = ops::attributes_of(geometry);
  attributes.set("kernel_size", std::move(kernel_size));
  return apply(ops::conv2d_backward_weights(), std::array{x, dy}, std::move(attributes));
}

}  // namespace generalizer
