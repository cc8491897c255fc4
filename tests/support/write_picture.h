#pragma once

#include <png.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

#include <jpeglib.h>

#include "catch.h"
#include "idx_writer.h"

/// Picture files by libpng and libjpeg themselves.
namespace generalizer::testing {

inline void write_png(const std::string& path, std::uint32_t width, std::uint32_t height,
                      std::uint32_t format, const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  REQUIRE(pixels.size() == PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

/// The bytes of a JPEG of one colour, at full quality.
inline std::string jpeg_bytes(std::uint32_t width, std::uint32_t height,
                              const std::vector<std::uint8_t>& colour) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* bytes = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &bytes, &size);
  info.image_width = width;
  info.image_height = height;
  info.input_components = static_cast<int>(colour.size());
  info.in_color_space = colour.size() == 1 ? JCS_GRAYSCALE : colour.size() == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  std::vector<std::uint8_t> row;
  for (std::uint32_t x = 0; x < width; ++x) row.insert(row.end(), colour.begin(), colour.end());
  JSAMPROW line = row.data();
  while (info.next_scanline < height) jpeg_write_scanlines(&info, &line, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  const std::string written(reinterpret_cast<const char*>(bytes), size);
  std::free(bytes);
  return written;
}

inline void write_jpeg(const std::string& path, std::uint32_t width, std::uint32_t height,
                       const std::vector<std::uint8_t>& colour) {
  write_file(path, jpeg_bytes(width, height, colour));
}

}  // namespace generalizer::testing
