#include <algorithm>
#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/operand_checks.h"

// Resampling of images with half-pixel centres, and its transpose.
namespace generalizer {
namespace {

/// What one output pixel takes along one axis: two input pixels, the same for "nearest".
struct Taps {
  std::int64_t first = 0;
  std::int64_t second = 0;
  double second_weight = 0.0;  ///< the first has the rest of 1
};

std::vector<Taps> taps_of(std::int64_t input, std::int64_t output, const std::string& mode) {
  std::vector<Taps> taps(static_cast<std::size_t>(output));
  const double ratio = static_cast<double>(input) / static_cast<double>(output);
  for (std::int64_t i = 0; i < output; ++i) {
    Taps& t = taps[static_cast<std::size_t>(i)];
    if (mode == "nearest") {
      // (2i + 1)·input / (2·output), rounded down, in whole numbers: exact.
      t.first = t.second = std::min((2 * i + 1) * input / (2 * output), input - 1);
      continue;
    }
    const double at = std::max((static_cast<double>(i) + 0.5) * ratio - 0.5, 0.0);
    t.first = std::min(static_cast<std::int64_t>(at), input - 1);
    t.second = std::min(t.first + 1, input - 1);
    t.second_weight = at - static_cast<double>(t.first);
  }
  return taps;
}

/// Also the check of mode, rank and the attribute `name`.
std::vector<TensorType> infer_with(const OpSignature& signature, const char* operand, const char* name) {
  const DType dtype = ops::common_floating_type(signature, {operand});
  const Shape& x = signature.inputs[0].shape;
  ops::require_rank(x, operand, 4, "batch×channels×height×width");
  const std::string& mode = signature.attributes.string("mode");
  if (mode != "nearest" && mode != "bilinear")
    throw Error("the mode is \"" + mode + "\" and must be \"nearest\" or \"bilinear\"");
  const auto size = ops::integer_list(signature.attributes, name, 2, 1);
  return {{dtype, Shape{x[0], x[1], size[0], size[1]}}};
}

/// Calls `f(small, large, weight)` for each pair of elements that belong together, `small` in the planes before
/// resizing, `large` in those after it.
template <class F>
void for_each_pair(const Shape& before, const Shape& after, const std::string& mode, F f) {
  const std::vector<Taps> rows = taps_of(before[2], after[2], mode);
  const std::vector<Taps> columns = taps_of(before[3], after[3], mode);
  for (std::int64_t plane = 0; plane < before[0] * before[1]; ++plane) {
    const std::int64_t in = plane * before[2] * before[3];
    std::int64_t out = plane * after[2] * after[3];
    for (const Taps& r : rows) {
      for (const Taps& c : columns) {
        const double wr = r.second_weight;
        const double wc = c.second_weight;
        f(in + r.first * before[3] + c.first, out, (1.0 - wr) * (1.0 - wc));
        if (wc != 0.0) f(in + r.first * before[3] + c.second, out, (1.0 - wr) * wc);
        if (wr != 0.0) f(in + r.second * before[3] + c.first, out, wr * (1.0 - wc));
        if (wr != 0.0 && wc != 0.0) f(in + r.second * before[3] + c.second, out, wr * wc);
        ++out;
      }
    }
  }
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const HostTensor& y = context.outputs[0];
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    const T* from = x.as<const T>();
    T* to = y.as<T>();
    std::fill_n(to, y.type.shape.elements(), T{});
    for_each_pair(x.type.shape, y.type.shape, context.attributes.string("mode"),
                  [&](std::int64_t in, std::int64_t out, double w) { to[out] += static_cast<T>(w) * from[in]; });
  });
}

void reference_backward(const KernelContext& context) {
  const HostTensor& dy = context.inputs[0];
  const HostTensor& dx = context.outputs[0];
  dispatch_floating(dy.type.dtype, [&]<class T>(T) {
    const T* from = dy.as<const T>();
    T* to = dx.as<T>();
    std::fill_n(to, dx.type.shape.elements(), T{});
    for_each_pair(dx.type.shape, dy.type.shape, context.attributes.string("mode"),
                  [&](std::int64_t in, std::int64_t out, double w) { to[in] += static_cast<T>(w) * from[out]; });
  });
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Tensor& x = context.inputs[0];
  return {resize2d_backward(context.output_gradients[0], {x.dim(2), x.dim(3)},
                            context.node.attributes.string("mode"))};
}

// The op is the transpose of resize2d, so its own transpose is resize2d again.
std::vector<Tensor> gradient_of_backward(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const Tensor& dy = context.inputs[0];
  return {resize2d(context.output_gradients[0], {dy.dim(2), dy.dim(3)},
                   context.node.attributes.string("mode"))};
}

/// A multiply-add for each of the pixels that are weighed: the larger image's, by 1 or 4.
double flops(const OpSignature& signature, const char* name) {
  const Shape& x = signature.inputs[0].shape;
  const auto& size = signature.attributes.integers(name);
  const std::int64_t pixels = std::max(x[2] * x[3], size[0] * size[1]);
  return static_cast<double>(x[0] * x[1] * pixels) *
         (signature.attributes.string("mode") == "nearest" ? 1.0 : 8.0);
}

}  // namespace

const OpDefinition& ops::resize2d() {
  static const OpDefinition definition{
      .name = "resize2d",
      .summary = "Images resampled to another size, nearest pixel or bilinear, with half-pixel centres.",
      .input_names = {"x"},
      .output_names = {"y"},
      .infer = [](const OpSignature& signature) { return infer_with(signature, "images", "size"); },
      .gradient = gradient,
      .reference = reference,
      .flops = [](const OpSignature& signature) { return flops(signature, "size"); },
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

const OpDefinition& ops::resize2d_backward() {
  static const OpDefinition definition{
      .name = "resize2d_backward",
      .summary = "The transpose of resize2d, and so its gradient.",
      .input_names = {"dy"},
      .output_names = {"dx"},
      .infer = [](const OpSignature& signature) { return infer_with(signature, "gradient", "input_size"); },
      .gradient = gradient_of_backward,
      .reference = reference_backward,
      .flops = [](const OpSignature& signature) { return flops(signature, "input_size"); },
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor resize2d(const Tensor& x, std::vector<std::int64_t> size, const std::string& mode) {
  return generalizer::apply(ops::resize2d(), std::array{x}, {{"mode", mode}, {"size", std::move(size)}});
}

Tensor resize2d_backward(const Tensor& dy, std::vector<std::int64_t> input_size, const std::string& mode) {
  return generalizer::apply(ops::resize2d_backward(), std::array{dy},
                            {{"mode", mode}, {"input_size", std::move(input_size)}});
}

}  // namespace generalizer
