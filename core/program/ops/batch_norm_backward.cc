#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/channels.h"
#include "program/ops/definitions.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(
      signature, {"output gradient", "normalised operand", "mean", "variance", "scale"});
  const ops::ChannelSizes s = ops::channel_sizes(signature.inputs[0].shape);
  ops::require_shape(signature.inputs[1].shape, "normalised operand", signature.inputs[0].shape,
                     "the shape of the output gradient");
  ops::require_per_channel(signature, 2, "mean", s);
  ops::require_per_channel(signature, 3, "variance", s);
  ops::require_per_channel(signature, 4, "scale", s);
  const TensorType parameter{dtype, Shape{s.channels}};
  return {signature.inputs[0], parameter, parameter};
}

// With x̂ = (x − mean)/√(variance + epsilon) over M elements a channel:
//   dshift = Σ dy,  dscale = Σ dy·x̂,  dx = scale/√(variance + epsilon) · (dy − dshift/M − x̂·dscale/M)
void reference(const KernelContext& context) {
  const HostTensor& dy = context.inputs[0];
  const ops::ChannelSizes s = ops::channel_sizes(dy.type.shape);
  const double epsilon = context.attributes.number("epsilon");
  const auto count = static_cast<double>(s.per_channel());
  dispatch_floating(dy.type.dtype, [&]<class T>(T) {
    const T* g = dy.as<const T>();
    const T* x = context.inputs[1].as<const T>();
    T* dx = context.outputs[0].as<T>();
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const auto mean = static_cast<double>(context.inputs[2].as<const T>()[c]);
      const double inverse =
          1.0 / std::sqrt(static_cast<double>(context.inputs[3].as<const T>()[c]) + epsilon);
      double dshift = 0.0;
      double dscale = 0.0;
      ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
        for (std::int64_t i = begin; i < begin + s.inner; ++i) {
          dshift += static_cast<double>(g[i]);
          dscale += static_cast<double>(g[i]) * (static_cast<double>(x[i]) - mean) * inverse;
        }
      });
      const double factor = static_cast<double>(context.inputs[4].as<const T>()[c]) * inverse;
      ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
        for (std::int64_t i = begin; i < begin + s.inner; ++i) {
          const double normal = (static_cast<double>(x[i]) - mean) * inverse;
          dx[i] =
              static_cast<T>(factor * (static_cast<double>(g[i]) - dshift / count - normal * dscale / count));
        }
      });
      context.outputs[1].as<T>()[c] = static_cast<T>(dscale);
      context.outputs[2].as<T>()[c] = static_cast<T>(dshift);
    }
  });
}

double flops(const OpSignature& signature) {
  return 10.0 * static_cast<double>(signature.inputs[0].shape.elements());
}

}  // namespace

const OpDefinition& ops::batch_norm_backward() {
  static const OpDefinition definition{
      .name = "batch_norm_backward",
      .summary = "Gradients of batch_norm by its operand, scale and shift, through the batch's statistics.",
      .input_names = {"dy", "x", "mean", "variance", "scale"},
      .output_names = {"dx", "dscale", "dshift"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> batch_norm_backward(const Tensor& dy, const Tensor& x, const Tensor& mean,
                                        const Tensor& variance, const Tensor& scale, double epsilon) {
  return apply_all(ops::batch_norm_backward(), std::array{dy, x, mean, variance, scale},
                   {{"epsilon", epsilon}});
}

}  // namespace generalizer
