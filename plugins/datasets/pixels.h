#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "generalizer/dataset.h"

namespace generalizer {

/// The image numbers that become 0 and 1, in a line between. `low` above `high` swaps dark and light.
struct Range {
  double low = 0.0;
  double high = 255.0;
};

/// What the numbers of a file are like.
struct Extremes {
  double least = 0.0;
  double most = 0.0;
  std::string least_at;  ///< where, for messages: "of image 3 (counted from 0)"
  std::string most_at;
  bool whole = true;  ///< none has a fraction, and the file doesn't hold floating point numbers
};

/// [data] `range`, or else [0, 255] for whole numbers and [0, 1] for others. Throws `DataError` when a number lies outside (a millionth of the range is
/// forgiven), and when whole numbers that are all 0 and 1 leave open which is meant; `GraphError` for a range without extent. `what` are the numbers:
/// "the array \"x_train\" in mnist.npz".
Range range_of(const Parameters& data, const Extremes& found, const std::string& what);

/// In which order an image's numbers come.
enum class Layout : std::uint8_t { channels_first, channels_last };

/// Brings images of C×H×W from channels_last (row, column, channel) to channels_first.
template <class T>
std::vector<T> channels_first(const std::vector<T>& images, const Shape& shape) {
  const auto channels = static_cast<std::size_t>(shape[0]);
  const auto area = static_cast<std::size_t>(shape[1] * shape[2]);
  std::vector<T> moved(images.size());
  for (std::size_t image = 0; image < images.size(); image += channels * area) {
    for (std::size_t c = 0; c < channels; ++c) {
      for (std::size_t i = 0; i < area; ++i) moved[image + c * area + i] = images[image + i * channels + c];
    }
  }
  return moved;
}

ParameterSpec range_parameter();
/// Key `shape`: [C, H, W] of images whose numbers come in a row.
ParameterSpec shape_parameter(const std::string& help);
/// [data] `shape` checked against the number of numbers in an image. Throws `GraphError` where it stands.
Shape declared_shape(const Parameters& data, std::int64_t numbers, const std::string& what);

}  // namespace generalizer
