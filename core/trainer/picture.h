#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "generalizer/shape.h"

namespace generalizer {

/// One row of a picture grid: images C×H×W in [0, 1] of one shape, C being 1 or 3.
struct PictureRow {
  Shape shape;
  std::vector<std::vector<float>> images;
};

/// Writes a PNG: row under row, image beside image, white lines between; values outside [0, 1] are clipped. Small images are enlarged by a whole factor
/// so that they can be seen. Throws `TrainingError`.
void write_picture_grid(const std::filesystem::path& path, std::span<const PictureRow> rows);

}  // namespace generalizer
