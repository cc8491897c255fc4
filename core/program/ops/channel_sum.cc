#include <array>

#include "generalizer/ops.h"
#include "program/ops/channels.h"
#include "program/ops/definitions.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"first operand"});
  return {{dtype, Shape{ops::channel_sizes(signature.inputs[0].shape).channels}}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Shape x = context.inputs[0].shape();
  return {broadcast_to(reshape(context.output_gradients[0], ops::channel_shape(x)), x)};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const ops::ChannelSizes s = ops::channel_sizes(x.type.shape);
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* sums = context.outputs[0].as<T>();
    for (std::int64_t c = 0; c < s.channels; ++c) {
      double sum = 0.0;  // in f64, as a channel may have millions of elements
      ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
        for (std::int64_t i = begin; i < begin + s.inner; ++i) sum += static_cast<double>(from[i]);
      });
      sums[c] = static_cast<T>(sum);
    }
  });
}

double flops(const OpSignature& signature) {
  return static_cast<double>(signature.inputs[0].shape.elements());
}

}  // namespace

const OpDefinition& ops::channel_sum() {
  static const OpDefinition definition{
      .name = "channel_sum",
      .summary = "Sum over all axes but the channel's (axis 1); the gradient of a bias.",
      .input_names = {"x"},
      .output_names = {"sums"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor channel_sum(const Tensor& x) { return generalizer::apply(ops::channel_sum(), std::array{x}); }

}  // namespace generalizer
