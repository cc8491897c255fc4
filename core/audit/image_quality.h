#pragma once

#include <optional>
#include <span>
#include <vector>

#include "generalizer/shape.h"

namespace generalizer {

/// How alike images are to what they should be; means over images.
struct ImageQuality {
  double mse = 0.0;   ///< mean squared difference of pixels in [0, 1]
  double psnr = 0.0;  ///< dB
  std::optional<double> ssim;     ///< none for images smaller than the window
  std::optional<double> ms_ssim;  ///< likewise
};

// Of one image against another of the same shape C×H×W, pixels in [0, 1].

double mean_squared_difference(std::span<const float> image, std::span<const float> original);

/// 10·log₁₀(1/mse) in dB; at most 100, which is what an image recreated to the last bit has.
double peak_signal_to_noise(double mse);

/// The mean structural similarity (Wang, Bovik, Sheikh, Simoncelli, 2004, "Image quality assessment: from error visibility to structural
/// similarity"): a Gaussian window of 11×11 pixels and deviation 1.5 wherever it lies within the image, K₁ = 0.01, K₂ = 0.03, range 1; channels one by
/// one, then their mean. Nothing for an image smaller than the window.
std::optional<double> structural_similarity(std::span<const float> image, std::span<const float> original, const Shape& shape);

/// How many of the five scales of `multi_scale_similarity` fit: the window must lie within the image at each.
std::int64_t scales_that_fit(const Shape& shape);

/// Structural similarity at several scales (Wang, Simoncelli, Bovik, 2003, "Multiscale structural similarity for image quality assessment"): contrast and
/// structure at every scale, luminance at the coarsest, each to the power of its weight (0.0448, 0.2856, 0.3001, 0.2363, 0.1333), multiplied. From scale to
/// scale the image is halved by the means of 2×2 pixels; a last odd row or column is left out. Where fewer scales fit, the weights of those are
/// renormalised to add up to 1. What is negative counts as 0. Channels one by one, then their mean.
std::optional<double> multi_scale_similarity(std::span<const float> image, std::span<const float> original, const Shape& shape);

/// Means over `count` images, one after another.
ImageQuality image_quality(std::span<const float> images, std::span<const float> originals, const Shape& shape);

}  // namespace generalizer
