#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/shape.h"

namespace generalizer {

/// A picture file's pixels: 8 bits a channel, row by row, the channels of a pixel together.
struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t channels = 0;  ///< 1 grey or 3 RGB
  std::vector<std::uint8_t> pixels;
};

/// Reads a PNG or JPEG, told apart by content. Palettes, 16 bits and alpha become 8-bit grey or RGB, what is
/// transparent is laid over black, the ground of the data that networks here learn from. Throws `DataError` naming the file.
Picture read_picture(const std::string& path);

/// The picture as an image of the network, C×H×W in [0, 1]; colours become grey (ITU-R BT.601 luma) and grey
/// becomes colours where the network has other channels. Inverted: 1 − x, for dark things on a light ground.
/// Throws `DataError` with both sizes, and how to convert, when they differ.
std::vector<float> to_image(const Picture& picture, const Shape& shape, bool invert, const std::string& path);

}  // namespace generalizer
