#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/error.h"

namespace generalizer {

/// A picture file's pixels: 8 bits a channel, row by row, the channels of a pixel together (H×W×C).
struct Picture {
  std::int64_t width = 0;
  std::int64_t height = 0;
  std::int64_t channels = 0;  ///< 1 grey or 3 RGB
  std::vector<std::uint8_t> pixels;
};

/// Reads a PNG or JPEG, told apart by content. Palettes, 16 bits and alpha become 8-bit grey or RGB, what is transparent is laid over black, the
/// ground of the data that networks here learn from. A camera's note of how it was held (Exif orientation) is not followed: pixels are as they lie
/// in the file. Throws `DataError` naming the file. Safe to call from several threads.
GENERALIZER_EXPORT Picture read_picture(const std::string& path);

/// The picture in 1 or 3 channels. Colours become grey by the luma of ITU-R BT.601 rounded to 8 bits, to the bit like Pillow's convert("L"); grey
/// becomes three equal channels.
GENERALIZER_EXPORT Picture to_channels(Picture picture, std::int64_t channels);

/// The picture stretched or shrunk to this size, each side by itself: linear between pixel centres, and where it shrinks the mean over all that a
/// new pixel covers, weighted by a triangle (antialiased). To the bit like Pillow's resize(…, BILINEAR) before its version 13
/// (which may differ by 1), which torchvision's Resize is for pictures.
GENERALIZER_EXPORT Picture resize(Picture picture, std::int64_t width, std::int64_t height);

}  // namespace generalizer
