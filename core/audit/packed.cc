#include "audit/packed.h"

#include <algorithm>

namespace generalizer {
namespace {

std::span<const float> row_of(const Representation& rows, std::int64_t index) {
  return std::span(rows.values).subspan(static_cast<std::size_t>(index) * rows.elements(), rows.elements());
}

void read_pixels(const Dataset& data, const Normalization& normalization, std::int64_t index, std::span<float> image) {
  data.read_image(index, image);
  const Shape shape = data.image_shape();
  normalization.undo(image, shape[1] * shape[2]);
}

}  // namespace

void PackedImages::read_image(std::int64_t index, std::span<float> row) const {
  const std::span<const float> units = row_of(*representation_, index);
  std::copy(units.begin(), units.end(), row.begin());
  read_pixels(*data_, normalization_, index, row.subspan(units.size()));
}

void LabelledRows::read_image(std::int64_t index, std::span<float> row) const {
  const std::span<const float> units = row_of(*rows_, index);
  std::copy(units.begin(), units.end(), row.begin());
}

Representation pixels_of(const Dataset& data, const Normalization& normalization) {
  Representation pixels{data.image_shape(), {}};
  pixels.values.resize(pixels.elements() * static_cast<std::size_t>(data.size()));
  for (std::int64_t i = 0; i < data.size(); ++i) {
    read_pixels(data, normalization, i,
                std::span(pixels.values).subspan(static_cast<std::size_t>(i) * pixels.elements(), pixels.elements()));
  }
  return pixels;
}

}  // namespace generalizer
