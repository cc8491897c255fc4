#include <cmath>
#include <vector>

#include "losses.h"

namespace generalizer::losses {
namespace {

/// A Gaussian window of `size`×`size` whose weights add up to 1, for one channel: 1×1×size×size.
Tensor window(Program& program, DType dtype, std::int64_t size, double deviation) {
  std::vector<double> line;
  double sum = 0.0;
  for (std::int64_t i = 0; i < size; ++i) {
    const double x = static_cast<double>(i) - static_cast<double>(size - 1) / 2.0;
    line.push_back(std::exp(-x * x / (2.0 * deviation * deviation)));
    sum += line.back();
  }
  std::vector<double> values;
  for (const double row : line) {
    for (const double column : line) values.push_back(row * column / (sum * sum));
  }
  return constant_values(program, {dtype, {1, 1, size, size}}, std::move(values));
}

/// N×C×H×W, each channel an image of its own: (N·C)×1×H×W.
Tensor by_channel(const Tensor& x) { return reshape(x, {x.dim(0) * x.dim(1), 1, x.dim(2), x.dim(3)}); }

Tensor build(const LossContext& context) {
  const std::int64_t size = context.parameters.integer("window");
  const Shape shape = context.prediction.shape();
  if (shape.rank() != 4 || shape[2] < size || shape[3] < size) {
    throw Error("ssim compares images (N×C×H×W) of at least " + std::to_string(size) + "×" + std::to_string(size) +
                " pixels, its window; choose a smaller `window`, or another loss");
  }
  const double range = context.parameters.number("range");
  const double c1 = 0.01 * 0.01 * range * range;
  const double c2 = 0.03 * 0.03 * range * range;
  const Tensor x = by_channel(context.prediction);
  const Tensor y = by_channel(context.target);
  const Tensor weights = window(x.program(), x.dtype(), size, context.parameters.number("deviation"));
  const auto mean = [&](const Tensor& image) { return conv2d(image, weights); };
  const Tensor mx = mean(x);
  const Tensor my = mean(y);
  const Tensor vx = mean(square(x)) - square(mx);
  const Tensor vy = mean(square(y)) - square(my);
  const Tensor covariance = mean(x * y) - mx * my;
  const Tensor above = affine(mx * my, 2.0, c1) * affine(covariance, 2.0, c2);
  const Tensor below = affine(square(mx) + square(my), 1.0, c1) * affine(vx + vy, 1.0, c2);
  return affine(reduce_mean(above / below, {}), -1.0, 1.0);
}

}  // namespace

LossType ssim() {
  LossType type;
  type.name = "ssim";
  type.summary =
      "1 − the mean structural similarity of images, over all places where a Gaussian window lies within them (Wang, Bovik, Sheikh, "
      "Simoncelli, 2004).";
  ParameterSpec size = at_least(parameter("window", {ParameterType::integer}, std::int64_t{11}, "Rows and columns of the window, in pixels."), 2);
  type.parameters = {
      std::move(size),
      above(parameter("deviation", {ParameterType::number}, 1.5, "Standard deviation of the window, in pixels."), 0),
      above(parameter("range", {ParameterType::number}, 1.0, "From the darkest to the brightest that a pixel can be."), 0)};
  type.target = LossTarget::values;
  // images N×C×H×W, the same → scalar
  type.build = build;
  return type;
}

}  // namespace generalizer::losses
