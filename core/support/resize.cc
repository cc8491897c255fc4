#include <algorithm>
#include <cmath>

#include "generalizer/picture.h"

namespace generalizer {
namespace {

/// Weights are whole numbers in units of 2⁻²², so that 8-bit pixels times weights that sum to 1 stay below 2³¹.
constexpr int fraction_bits = 22;

/// What one new pixel is made of: old pixels from `first` on, and their weights.
struct Window {
  std::int64_t first = 0;
  std::vector<std::int32_t> weights;
};

/// The windows of every new pixel along one side: a triangle about its centre, as wide as one old pixel to each side, or as one new pixel where those
/// are the larger ones.
std::vector<Window> windows_of(std::int64_t from, std::int64_t to) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double reach = std::max(scale, 1.0);
  std::vector<Window> windows(static_cast<std::size_t>(to));
  for (std::int64_t i = 0; i < to; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    Window& window = windows[static_cast<std::size_t>(i)];
    window.first = std::max<std::int64_t>(static_cast<std::int64_t>(std::floor(centre - reach + 0.5)), 0);
    const std::int64_t end = std::min(static_cast<std::int64_t>(std::floor(centre + reach + 0.5)), from);
    std::vector<double> weights;
    double sum = 0;
    for (std::int64_t k = window.first; k < end; ++k) {
      const double distance = (static_cast<double>(k) - centre + 0.5) * (1.0 / reach);
      weights.push_back(std::max(0.0, 1.0 - std::abs(distance)));
      sum += weights.back();
    }
    for (const double weight : weights)
      window.weights.push_back(
          static_cast<std::int32_t>(std::floor(0.5 + weight / sum * (1 << fraction_bits))));
  }
  return windows;
}

/// One new pixel's channel; old pixels lie `stride` bytes apart.
std::uint8_t weighted(const std::uint8_t* pixels, std::size_t stride, const Window& window) {
  std::int32_t sum = 1 << (fraction_bits - 1);
  for (std::size_t k = 0; k < window.weights.size(); ++k) sum += pixels[k * stride] * window.weights[k];
  return static_cast<std::uint8_t>(std::clamp(sum >> fraction_bits, 0, 255));
}

}  // namespace

Picture resize(Picture picture, std::int64_t width, std::int64_t height) {
  const auto channels = static_cast<std::size_t>(picture.channels);
  // Rows first, rounded to 8 bits, and then columns.
  if (picture.width != width) {
    const std::vector<Window> windows = windows_of(picture.width, width);
    Picture narrow{width, picture.height, picture.channels, {}};
    narrow.pixels.reserve(static_cast<std::size_t>(width * picture.height) * channels);
    for (std::int64_t y = 0; y < picture.height; ++y) {
      for (const Window& window : windows) {
        const std::size_t at = static_cast<std::size_t>(y * picture.width + window.first) * channels;
        for (std::size_t c = 0; c < channels; ++c)
          narrow.pixels.push_back(weighted(picture.pixels.data() + at + c, channels, window));
      }
    }
    picture = std::move(narrow);
  }
  if (picture.height != height) {
    const std::vector<Window> windows = windows_of(picture.height, height);
    const std::size_t row = static_cast<std::size_t>(width) * channels;
    Picture low{width, height, picture.channels, {}};
    low.pixels.reserve(static_cast<std::size_t>(height) * row);
    for (const Window& window : windows) {
      const std::uint8_t* first = picture.pixels.data() + static_cast<std::size_t>(window.first) * row;
      for (std::size_t x = 0; x < row; ++x) low.pixels.push_back(weighted(first + x, row, window));
    }
    picture = std::move(low);
  }
  return picture;
}

}  // namespace generalizer
