#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/channels.h"
#include "program/ops/definitions.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"first operand", "scale", "shift"});
  const ops::ChannelSizes s = ops::channel_sizes(signature.inputs[0].shape);
  ops::require_per_channel(signature, 1, "scale", s);
  ops::require_per_channel(signature, 2, "shift", s);
  const TensorType statistic{dtype, Shape{s.channels}};
  return {signature.inputs[0], statistic, statistic};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& dy = context.output_gradients[0];
  if (!dy.defined()) return std::vector<Tensor>(3);  // only the statistics are used, which carry no gradient
  std::vector<Tensor> gradients =
      batch_norm_backward(dy, context.inputs[0], context.outputs[1], context.outputs[2], context.inputs[1],
                          context.node.attributes.number("epsilon"));
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    if (!context.wanted[i]) gradients[i] = Tensor{};
  }
  return gradients;
}

/// Mean and biased variance of channel c, in f64 and in two passes: the mean of squares less the square of
/// the mean loses digits.
template <class T>
std::array<double, 2> statistics(const T* x, const ops::ChannelSizes& s, std::int64_t c) {
  const auto count = static_cast<double>(s.per_channel());
  double sum = 0.0;
  ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
    for (std::int64_t i = begin; i < begin + s.inner; ++i) sum += static_cast<double>(x[i]);
  });
  const double mean = sum / count;
  double squares = 0.0;
  ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
    for (std::int64_t i = begin; i < begin + s.inner; ++i) {
      const double centred = static_cast<double>(x[i]) - mean;
      squares += centred * centred;
    }
  });
  return {mean, squares / count};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const ops::ChannelSizes s = ops::channel_sizes(x.type.shape);
  const double epsilon = context.attributes.number("epsilon");
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* y = context.outputs[0].as<T>();
    for (std::int64_t c = 0; c < s.channels; ++c) {
      const auto [mean, variance] = statistics(from, s, c);
      const double factor =
          static_cast<double>(context.inputs[1].as<const T>()[c]) / std::sqrt(variance + epsilon);
      const auto shift = static_cast<double>(context.inputs[2].as<const T>()[c]);
      ops::for_each_channel_row(s, c, [&](std::int64_t begin) {
        for (std::int64_t i = begin; i < begin + s.inner; ++i) {
          y[i] = static_cast<T>((static_cast<double>(from[i]) - mean) * factor + shift);
        }
      });
      context.outputs[1].as<T>()[c] = static_cast<T>(mean);
      context.outputs[2].as<T>()[c] = static_cast<T>(variance);
    }
  });
}

double flops(const OpSignature& signature) {
  return 7.0 * static_cast<double>(signature.inputs[0].shape.elements());
}

}  // namespace

const OpDefinition& ops::batch_norm() {
  static const OpDefinition definition{
      .name = "batch_norm",
      .summary = "y = scale·(x − mean)/√(variance + epsilon) + shift with each channel's own statistics.",
      .input_names = {"x", "scale", "shift"},
      .output_names = {"y", "mean", "variance"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> batch_norm(const Tensor& x, const Tensor& scale, const Tensor& shift, double epsilon) {
  return apply_all(ops::batch_norm(), std::array{x, scale, shift}, {{"epsilon", epsilon}});
}

}  // namespace generalizer
