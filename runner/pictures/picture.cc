#include "pictures/picture.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "generalizer/error.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

void check_size(const Picture& picture, const Shape& shape, const std::string& path) {
  const std::int64_t height = shape[1];
  const std::int64_t width = shape[2];
  if (picture.width == width && picture.height == height) return;
  const std::string stem = fs::path(path).stem().string();
  throw DataError(fmt::format(
      "The image {} is {}×{} pixels (width × height), and the network takes {}×{}. Say --fit to have it resized, or do it yourself, for example with "
      "ImageMagick: convert {} -resize {}x{}! {}-{}x{}.png",
      path, picture.width, picture.height, width, height, path, width, height, stem, width, height));
}

}  // namespace

std::vector<float> to_image(Picture picture, const Shape& shape, bool invert, bool fit, const std::string& path) {
  const std::int64_t channels = shape[0];
  if (channels != 1 && channels != 3) {
    throw DataError(fmt::format(
        "The network takes images of {} channels; only grey (1) and RGB (3) can be made from a picture file.",
        channels));
  }
  picture = to_channels(std::move(picture), channels);
  if (fit) picture = resize(std::move(picture), shape[2], shape[1]);
  check_size(picture, shape, path);
  const auto pixels = static_cast<std::size_t>(picture.width * picture.height);
  const auto depth = static_cast<std::size_t>(channels);
  std::vector<float> image(depth * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    for (std::size_t c = 0; c < depth; ++c)
      image[c * pixels + i] = static_cast<float>(picture.pixels[i * depth + c]) / 255.0F;
  }
  if (invert) std::transform(image.begin(), image.end(), image.begin(), [](float x) { return 1.0F - x; });
  return image;
}

}  // namespace generalizer
