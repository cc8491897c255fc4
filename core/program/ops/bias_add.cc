#include <array>

#include "generalizer/ops.h"
#include "program/ops/channels.h"
#include "program/ops/definitions.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::common_floating_type(signature, {"first operand", "bias"});
  ops::require_per_channel(signature, 1, "bias", ops::channel_sizes(signature.inputs[0].shape));
  return {signature.inputs[0]};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& dy = context.output_gradients[0];
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = dy;
  if (context.wanted[1]) gradients[1] = channel_sum(dy);
  return gradients;
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const ops::ChannelSizes s = ops::channel_sizes(x.type.shape);
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    const T* bias = context.inputs[1].as<const T>();
    T* y = context.outputs[0].as<T>();
    for (std::int64_t row = 0; row < s.batch * s.channels; ++row) {
      const T b = bias[row % s.channels];
      for (std::int64_t i = row * s.inner; i < (row + 1) * s.inner; ++i) y[i] = from[i] + b;
    }
  });
}

}  // namespace

const OpDefinition& ops::bias_add() {
  static const OpDefinition definition{.name = "bias_add",
                                       .summary = "Adds one number a channel (axis 1).",
                                       .input_names = {"x", "bias"},
                                       .output_names = {"y"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = {},
                                       .in_place = {{0, 0}},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

Tensor bias_add(const Tensor& x, const Tensor& bias) {
  return generalizer::apply(ops::bias_add(), std::array{x, bias});
}

}  // namespace generalizer
