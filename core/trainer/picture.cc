#include "trainer/picture.h"

#include <png.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "generalizer/error.h"
#include "support/files.h"

namespace generalizer {
namespace {

constexpr std::int64_t gap = 2;            // pixels of white between images
constexpr std::int64_t wanted_width = 84;  // an image smaller than this is enlarged

/// 8-bit RGB, row-major, white at first.
struct Canvas {
  std::int64_t width;
  std::int64_t height;
  std::vector<png_byte> pixels;

  Canvas(std::int64_t w, std::int64_t h)
      : width(w), height(h), pixels(static_cast<std::size_t>(w * h * 3), 255) {}
};

std::int64_t zoom_of(const PictureRow& row) { return std::max<std::int64_t>(1, wanted_width / row.shape[2]); }

png_byte to_byte(float value) {
  if (!(value > 0.0F)) return 0;  // NaN, too
  return static_cast<png_byte>(std::lround(std::min(value, 1.0F) * 255.0F));
}

void draw(Canvas& canvas, const PictureRow& row, const std::vector<float>& image, std::int64_t left,
          std::int64_t top) {
  const std::int64_t channels = row.shape[0];
  const std::int64_t height = row.shape[1];
  const std::int64_t width = row.shape[2];
  const std::int64_t zoom = zoom_of(row);
  for (std::int64_t y = 0; y < height * zoom; ++y) {
    for (std::int64_t x = 0; x < width * zoom; ++x) {
      for (std::int64_t c = 0; c < 3; ++c) {
        const std::int64_t plane = channels == 3 ? c : 0;
        const float value = image[static_cast<std::size_t>((plane * height + y / zoom) * width + x / zoom)];
        canvas.pixels[static_cast<std::size_t>(((top + y) * canvas.width + left + x) * 3 + c)] =
            to_byte(value);
      }
    }
  }
}

/// The canvas as the bytes of a PNG file, by libpng.
std::vector<std::byte> encode(const Canvas& canvas) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = static_cast<png_uint_32>(canvas.width);
  image.height = static_cast<png_uint_32>(canvas.height);
  image.format = PNG_FORMAT_RGB;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> bytes(size);
  if (png_image_write_to_memory(&image, bytes.data(), &size, 0, canvas.pixels.data(), 0, nullptr) == 0) {
    throw TrainingError(std::string("libpng can't make the picture: ") + image.message + ".");
  }
  bytes.resize(size);
  return bytes;
}

}  // namespace

void write_picture_grid(const std::filesystem::path& path, std::span<const PictureRow> rows) {
  std::int64_t width = gap;
  std::int64_t height = gap;
  for (const PictureRow& row : rows) {
    width = std::max(
        width, gap + static_cast<std::int64_t>(row.images.size()) * (row.shape[2] * zoom_of(row) + gap));
    height += row.shape[1] * zoom_of(row) + gap;
  }
  Canvas canvas(width, height);
  std::int64_t top = gap;
  for (const PictureRow& row : rows) {
    std::int64_t left = gap;
    for (const std::vector<float>& image : row.images) {
      draw(canvas, row, image, left, top);
      left += row.shape[2] * zoom_of(row) + gap;
    }
    top += row.shape[1] * zoom_of(row) + gap;
  }
  const std::vector<std::byte> bytes = encode(canvas);
  const std::array<std::span<const std::byte>, 1> parts{std::span<const std::byte>(bytes)};
  replace_file(path, parts);
}

}  // namespace generalizer
