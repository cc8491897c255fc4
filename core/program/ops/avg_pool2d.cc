#include <algorithm>
#include <array>

#include "program/ops/definitions.h"
#include "program/ops/pooling.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"image"});
  return {{dtype, ops::sizes_of_pool(signature.inputs[0].shape, signature.attributes).y_shape()}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Tensor& x = context.inputs[0];
  const Attributes& attributes = context.node.attributes;
  return {avg_pool2d_backward(context.output_gradients[0], ops::pooling_geometry_of(attributes),
                              ops::counts_padding(attributes), {x.dim(2), x.dim(3)})};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const ops::PoolingSizes s = ops::sizes_of_pool(x.type.shape, context.attributes);
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* y = context.outputs[0].as<T>();
    std::fill_n(y, s.planes() * s.output_plane(), T{});
    ops::for_each_pair(s, ops::counts_padding(context.attributes),
                       [&](std::int64_t out, std::int64_t in, std::int64_t divisor) {
                         y[out] += from[in] / static_cast<T>(divisor);
                       });
  });
}

double flops(const OpSignature& signature) {
  const ops::PoolingSizes s = ops::sizes_of_pool(signature.inputs[0].shape, signature.attributes);
  return static_cast<double>(s.y_shape().elements() * s.window.rows.kernel * s.window.columns.kernel);
}

}  // namespace

const OpDefinition& ops::avg_pool2d() {
  static const OpDefinition definition{.name = "avg_pool2d",
                                       .summary = "Mean under each window of an image (NCHW).",
                                       .input_names = {"x"},
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

Tensor avg_pool2d(const Tensor& x, const PoolingGeometry& geometry, bool count_include_pad) {
  Attributes attributes = ops::attributes_of(geometry);
  attributes.set("count_include_pad", std::int64_t{count_include_pad});
  return apply(ops::avg_pool2d(), std::array{x}, std::move(attributes));
}

}  // namespace generalizer
