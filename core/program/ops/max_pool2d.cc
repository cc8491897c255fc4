#include <array>
#include <cmath>

#include "program/ops/definitions.h"
#include "program/ops/pooling.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"image"});
  const ops::PoolingSizes s = ops::sizes_of_pool(signature.inputs[0].shape, signature.attributes);
  return {{dtype, s.y_shape()}, {DType::i32, s.y_shape()}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& x = context.inputs[0];
  const Tensor& dy = context.output_gradients[0];
  if (!context.wanted[0] || !dy.defined()) return {Tensor{}};
  return {max_pool2d_backward(dy, context.outputs[1], ops::pooling_geometry_of(context.node.attributes),
                              {x.dim(2), x.dim(3)})};
}

/// Index in the plane of the first largest element under the window at (oh, ow); a NaN is larger than
/// everything, so that it is not lost.
template <class T>
std::int64_t largest(const T* plane, const ops::Window& w, std::int64_t oh, std::int64_t ow) {
  const auto [top, bottom] = w.rows.taps_at(oh);
  const auto [left, right] = w.columns.taps_at(ow);
  std::int64_t best = w.rows.source(oh, top) * w.columns.input + w.columns.source(ow, left);
  for (std::int64_t kh = top; kh < bottom; ++kh) {
    for (std::int64_t kw = left; kw < right; ++kw) {
      const std::int64_t at = w.rows.source(oh, kh) * w.columns.input + w.columns.source(ow, kw);
      if (plane[at] > plane[best] || (std::isnan(plane[at]) && !std::isnan(plane[best]))) best = at;
    }
  }
  return best;
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const ops::PoolingSizes s = ops::sizes_of_pool(x.type.shape, context.attributes);
  auto* index = context.outputs[1].as<std::int32_t>();
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    T* y = context.outputs[0].as<T>();
    std::int64_t at = 0;
    for (std::int64_t p = 0; p < s.planes(); ++p) {
      const T* plane = x.as<const T>() + p * s.input_plane();
      for (std::int64_t oh = 0; oh < s.window.rows.output; ++oh) {
        for (std::int64_t ow = 0; ow < s.window.columns.output; ++ow, ++at) {
          const std::int64_t best = largest(plane, s.window, oh, ow);
          y[at] = plane[best];
          index[at] = static_cast<std::int32_t>(best);
        }
      }
    }
  });
}

double flops(const OpSignature& signature) {
  const ops::PoolingSizes s = ops::sizes_of_pool(signature.inputs[0].shape, signature.attributes);
  return static_cast<double>(s.y_shape().elements() * s.window.rows.kernel * s.window.columns.kernel);
}

}  // namespace

const OpDefinition& ops::max_pool2d() {
  static const OpDefinition definition{.name = "max_pool2d",
                                       .summary = "Largest element under each window of an image (NCHW).",
                                       .input_names = {"x"},
                                       .output_names = {"y", "workspace"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = flops,
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {1}};
  return definition;
}

std::vector<Tensor> max_pool2d(const Tensor& x, const PoolingGeometry& geometry) {
  return apply_all(ops::max_pool2d(), std::array{x}, ops::attributes_of(geometry));
}

}  // namespace generalizer
