#include "audit/image_quality.h"

#include <algorithm>
#include <array>
#include <cmath>

namespace generalizer {
namespace {

constexpr std::int64_t kWindow = 11;
constexpr double kDeviation = 1.5;
constexpr double kC1 = 0.01 * 0.01;
constexpr double kC2 = 0.03 * 0.03;
constexpr std::array kScaleWeights = {0.0448, 0.2856, 0.3001, 0.2363, 0.1333};

std::array<double, kWindow> gaussian() {
  std::array<double, kWindow> weights{};
  double sum = 0.0;
  for (std::int64_t i = 0; i < kWindow; ++i) {
    const double x = static_cast<double>(i - kWindow / 2);
    sum += weights[static_cast<std::size_t>(i)] = std::exp(-x * x / (2.0 * kDeviation * kDeviation));
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// One channel, H×W.
struct Plane {
  std::int64_t height = 0;
  std::int64_t width = 0;
  std::vector<double> pixels;

  double& at(std::int64_t y, std::int64_t x) { return pixels[static_cast<std::size_t>(y * width + x)]; }
  double at(std::int64_t y, std::int64_t x) const { return pixels[static_cast<std::size_t>(y * width + x)]; }
};

Plane plane_of(std::span<const float> image, const Shape& shape, std::int64_t channel) {
  const auto size = static_cast<std::size_t>(shape[1] * shape[2]);
  const auto part = image.subspan(static_cast<std::size_t>(channel) * size, size);
  return {shape[1], shape[2], {part.begin(), part.end()}};
}

/// Weighted means over every window within the plane: H×W → (H − 10)×(W − 10), rows first, then columns.
Plane windowed(const Plane& plane) {
  static const std::array<double, kWindow> weights = gaussian();
  Plane rows{plane.height, plane.width - kWindow + 1, {}};
  rows.pixels.resize(static_cast<std::size_t>(rows.height * rows.width));
  for (std::int64_t y = 0; y < rows.height; ++y) {
    for (std::int64_t x = 0; x < rows.width; ++x) {
      double sum = 0.0;
      for (std::int64_t k = 0; k < kWindow; ++k) sum += weights[static_cast<std::size_t>(k)] * plane.at(y, x + k);
      rows.at(y, x) = sum;
    }
  }
  Plane result{plane.height - kWindow + 1, rows.width, {}};
  result.pixels.assign(static_cast<std::size_t>(result.height * result.width), 0.0);
  for (std::int64_t y = 0; y < result.height; ++y) {
    for (std::int64_t k = 0; k < kWindow; ++k) {
      for (std::int64_t x = 0; x < result.width; ++x)
        result.at(y, x) += weights[static_cast<std::size_t>(k)] * rows.at(y + k, x);
    }
  }
  return result;
}

Plane product(const Plane& a, const Plane& b) {
  Plane result = a;
  for (std::size_t i = 0; i < result.pixels.size(); ++i) result.pixels[i] *= b.pixels[i];
  return result;
}

struct Similarity {
  double whole = 0.0;      ///< luminance, contrast and structure
  double structure = 0.0;  ///< contrast and structure alone
};

Similarity similarity(const Plane& a, const Plane& b) {
  const Plane mean_a = windowed(a);
  const Plane mean_b = windowed(b);
  const Plane aa = windowed(product(a, a));
  const Plane bb = windowed(product(b, b));
  const Plane ab = windowed(product(a, b));
  Similarity sum;
  for (std::size_t i = 0; i < ab.pixels.size(); ++i) {
    const double ma = mean_a.pixels[i];
    const double mb = mean_b.pixels[i];
    const double variances = aa.pixels[i] - ma * ma + bb.pixels[i] - mb * mb;
    const double covariance = ab.pixels[i] - ma * mb;
    const double structure = (2.0 * covariance + kC2) / (variances + kC2);
    sum.structure += structure;
    sum.whole += structure * (2.0 * ma * mb + kC1) / (ma * ma + mb * mb + kC1);
  }
  const auto places = static_cast<double>(ab.pixels.size());
  return {sum.whole / places, sum.structure / places};
}

Plane halved(const Plane& plane) {
  Plane result{plane.height / 2, plane.width / 2, {}};
  result.pixels.resize(static_cast<std::size_t>(result.height * result.width));
  for (std::int64_t y = 0; y < result.height; ++y) {
    for (std::int64_t x = 0; x < result.width; ++x) {
      result.at(y, x) = (plane.at(2 * y, 2 * x) + plane.at(2 * y, 2 * x + 1) + plane.at(2 * y + 1, 2 * x) +
                         plane.at(2 * y + 1, 2 * x + 1)) /
                        4.0;
    }
  }
  return result;
}

double multi_scale(Plane a, Plane b, std::int64_t scales) {
  double weights = 0.0;
  for (std::int64_t i = 0; i < scales; ++i) weights += kScaleWeights[static_cast<std::size_t>(i)];
  double result = 1.0;
  for (std::int64_t i = 0; i < scales; ++i) {
    const Similarity found = similarity(a, b);
    const bool coarsest = i + 1 == scales;
    const double factor = std::max(coarsest ? found.whole : found.structure, 0.0);
    result *= std::pow(factor, kScaleWeights[static_cast<std::size_t>(i)] / weights);
    if (coarsest) break;
    a = halved(a);
    b = halved(b);
  }
  return result;
}

}  // namespace

double mean_squared_difference(std::span<const float> image, std::span<const float> original) {
  double sum = 0.0;
  for (std::size_t i = 0; i < image.size(); ++i) {
    const double difference = static_cast<double>(image[i]) - static_cast<double>(original[i]);
    sum += difference * difference;
  }
  return sum / static_cast<double>(image.size());
}

double peak_signal_to_noise(double mse) { return mse <= 1e-10 ? 100.0 : -10.0 * std::log10(mse); }

std::optional<double> structural_similarity(std::span<const float> image, std::span<const float> original,
                                            const Shape& shape) {
  if (scales_that_fit(shape) == 0) return std::nullopt;
  double sum = 0.0;
  for (std::int64_t c = 0; c < shape[0]; ++c)
    sum += similarity(plane_of(image, shape, c), plane_of(original, shape, c)).whole;
  return sum / static_cast<double>(shape[0]);
}

std::int64_t scales_that_fit(const Shape& shape) {
  std::int64_t scales = 0;
  for (std::int64_t side = std::min(shape[1], shape[2]); side >= kWindow; side /= 2) ++scales;
  return std::min(scales, static_cast<std::int64_t>(kScaleWeights.size()));
}

std::optional<double> multi_scale_similarity(std::span<const float> image, std::span<const float> original,
                                             const Shape& shape) {
  const std::int64_t scales = scales_that_fit(shape);
  if (scales == 0) return std::nullopt;
  double sum = 0.0;
  for (std::int64_t c = 0; c < shape[0]; ++c)
    sum += multi_scale(plane_of(image, shape, c), plane_of(original, shape, c), scales);
  return sum / static_cast<double>(shape[0]);
}

ImageQuality image_quality(std::span<const float> images, std::span<const float> originals, const Shape& shape) {
  const auto elements = static_cast<std::size_t>(shape.elements());
  const std::size_t count = images.size() / elements;
  ImageQuality mean;
  double ssim = 0.0;
  double ms_ssim = 0.0;
  for (std::size_t i = 0; i < count; ++i) {
    const auto image = images.subspan(i * elements, elements);
    const auto original = originals.subspan(i * elements, elements);
    const double mse = mean_squared_difference(image, original);
    mean.mse += mse;
    mean.psnr += peak_signal_to_noise(mse);
    ssim += structural_similarity(image, original, shape).value_or(0.0);
    ms_ssim += multi_scale_similarity(image, original, shape).value_or(0.0);
  }
  const auto images_seen = static_cast<double>(count);
  mean.mse /= images_seen;
  mean.psnr /= images_seen;
  if (scales_that_fit(shape) > 0) {
    mean.ssim = ssim / images_seen;
    mean.ms_ssim = ms_ssim / images_seen;
  }
  return mean;
}

}  // namespace generalizer
