#include <algorithm>
#include <array>

#include "program/ops/definitions.h"
#include "program/ops/pooling.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"output gradient"});
  return {{dtype, ops::sizes_of_pool_backward(signature.inputs[0].shape, signature.attributes).x_shape()}};
}

// The op is the transpose of avg_pool2d, so its own transpose is avg_pool2d again.
std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Attributes& attributes = context.node.attributes;
  return {avg_pool2d(context.output_gradients[0], ops::pooling_geometry_of(attributes),
                     ops::counts_padding(attributes))};
}

void reference(const KernelContext& context) {
  const HostTensor& dy = context.inputs[0];
  const ops::PoolingSizes s = ops::sizes_of_pool_backward(dy.type.shape, context.attributes);
  dispatch_floating(dy.type.dtype, [&]<class T>(T) {
    const T* from = dy.as<const T>();
    T* dx = context.outputs[0].as<T>();
    std::fill_n(dx, s.planes() * s.input_plane(), T{});
    ops::for_each_pair(s, ops::counts_padding(context.attributes),
                       [&](std::int64_t out, std::int64_t in, std::int64_t divisor) {
                         dx[in] += from[out] / static_cast<T>(divisor);
                       });
  });
}

double flops(const OpSignature& signature) {
  const ops::PoolingSizes s = ops::sizes_of_pool_backward(signature.inputs[0].shape, signature.attributes);
  return static_cast<double>(s.y_shape().elements() * s.window.rows.kernel * s.window.columns.kernel);
}

}  // namespace

const OpDefinition& ops::avg_pool2d_backward() {
  static const OpDefinition definition{.name = "avg_pool2d_backward",
                                       .summary = "Gradient of avg_pool2d: each window's is spread evenly.",
                                       .input_names = {"dy"},
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

Tensor avg_pool2d_backward(const Tensor& dy, const PoolingGeometry& geometry, bool count_include_pad,
                           std::vector<std::int64_t> input_size) {
  Attributes attributes = ops::attributes_of(geometry);
  attributes.set("count_include_pad", std::int64_t{count_include_pad});
  attributes.set("input_size", std::move(input_size));
  return apply(ops::avg_pool2d_backward(), std::array{dy}, std::move(attributes));
}

}  // namespace generalizer
