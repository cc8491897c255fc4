#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/channels.h"
#include "program/ops/definitions.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::common_floating_type(signature, {"first operand", "scale", "shift", "mean", "variance"});
  const ops::ChannelSizes s = ops::channel_sizes(signature.inputs[0].shape);
  ops::require_per_channel(signature, 1, "scale", s);
  ops::require_per_channel(signature, 2, "shift", s);
  ops::require_per_channel(signature, 3, "mean", s);
  ops::require_per_channel(signature, 4, "variance", s);
  return {signature.inputs[0]};
}

// The statistics are constants, so y is linear in x: dx = dy·scale·r, dscale = Σ dy·(x − mean)·r, dshift = Σ
// dy with r = 1/√(variance + epsilon).
std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& x = context.inputs[0];
  const Tensor& dy = context.output_gradients[0];
  const Shape shape = ops::channel_shape(x.shape());
  const auto inverse = [&] { return rsqrt(context.inputs[4] + context.node.attributes.number("epsilon")); };
  std::vector<Tensor> gradients(5);
  if (context.wanted[0]) gradients[0] = dy * reshape(context.inputs[1] * inverse(), shape);
  if (context.wanted[1]) gradients[1] = channel_sum(dy * (x - reshape(context.inputs[3], shape))) * inverse();
  if (context.wanted[2]) gradients[2] = channel_sum(dy);
  return gradients;
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const ops::ChannelSizes s = ops::channel_sizes(x.type.shape);
  const double epsilon = context.attributes.number("epsilon");
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const auto of_channel = [&](std::size_t input, std::int64_t c) {
      return static_cast<double>(context.inputs[input].as<const T>()[c]);
    };
    const T* from = x.as<const T>();
    T* y = context.outputs[0].as<T>();
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const double factor = of_channel(1, c) / std::sqrt(of_channel(4, c) + epsilon);
      ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
        for (std::int64_t i = begin; i < begin + s.inner; ++i) {
          y[i] =
              static_cast<T>((static_cast<double>(from[i]) - of_channel(3, c)) * factor + of_channel(2, c));
        }
      });
    }
  });
}

double flops(const OpSignature& signature) {
  return 2.0 * static_cast<double>(signature.inputs[0].shape.elements());
}

}  // namespace

const OpDefinition& ops::batch_norm_inference() {
  static const OpDefinition definition{
      .name = "batch_norm_inference",
      .summary = "y = scale·(x − mean)/√(variance + epsilon) + shift with given statistics.",
      .input_names = {"x", "scale", "shift", "mean", "variance"},
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

Tensor batch_norm_inference(const Tensor& x, const Tensor& scale, const Tensor& shift, const Tensor& mean,
                            const Tensor& variance, double epsilon) {
  return apply(ops::batch_norm_inference(), std::array{x, scale, shift, mean, variance},
               {{"epsilon", epsilon}});
}

}  // namespace generalizer
