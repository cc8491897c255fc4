#include "generalizer/picture.h"

#include <png.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "support/jpeg.h"
#include "support/picture_size.h"

namespace generalizer {
namespace fs = std::filesystem;
namespace {

std::vector<std::uint8_t> read_bytes(const std::string& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (!fs::exists(status)) throw DataError("There is no image file " + path + ".");
  if (fs::is_directory(status))
    throw DataError("The image " + path + " is a folder. Name the files in it: " + path + "/*.png.");
  std::ifstream file(path, std::ios::binary);
  std::vector<std::uint8_t> bytes{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) throw DataError("The image file " + path + " can't be read.");
  if (bytes.empty()) throw DataError("The image file " + path + " is empty.");
  return bytes;
}

Picture decode_png(std::span<const std::uint8_t> bytes, const std::string& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  const auto refuse = [&](const std::string& reason) {
    png_image_free(&image);
    throw DataError("The PNG " + path + " can't be read: " + reason + ".");
  };
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) refuse(image.message);
  if (std::int64_t{image.width} * image.height > most_pixels) refuse(too_large(image.width, image.height));
  const bool coloured = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  image.format = coloured ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Picture picture{image.width, image.height, coloured ? 3 : 1, {}};
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  // Without a word on its gamma a 16-bit file holds what an 8-bit one does, in finer steps; libpng would take it for linear light.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&image, &black, picture.pixels.data(), 0, nullptr) == 0) refuse(image.message);
  return picture;
}

}  // namespace

Picture read_picture(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_bytes(path);
  if (bytes.size() >= 8 && png_sig_cmp(bytes.data(), 0, 8) == 0) return decode_png(bytes, path);
  if (bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF)
    return decode_jpeg(bytes, path);
  const fs::path file(path);
  std::string ending = file.extension().string();
  std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return std::tolower(c); });
  if (ending == ".png" || ending == ".jpg" || ending == ".jpeg")
    throw DataError("The file " + path +
                    " is named like a picture, and its content is neither PNG nor JPEG.");
  throw DataError(
      "The file " + path +
      " is neither PNG nor JPEG. If it is a picture of another kind, convert it, for example with " +
      "ImageMagick: convert " + path + " " + file.stem().string() + ".png");
}

Picture to_channels(Picture picture, std::int64_t channels) {
  if (picture.channels == channels) return picture;
  const auto count = static_cast<std::size_t>(picture.width * picture.height);
  std::vector<std::uint8_t> pixels(count * static_cast<std::size_t>(channels));
  for (std::size_t i = 0; i < count; ++i) {
    if (channels == 1) {
      // 0.299 R + 0.587 G + 0.114 B in 16-bit fractions, which sum to 1.
      const std::uint8_t* rgb = picture.pixels.data() + 3 * i;
      pixels[i] =
          static_cast<std::uint8_t>((rgb[0] * 19595U + rgb[1] * 38470U + rgb[2] * 7471U + 0x8000U) >> 16);
    } else {
      for (std::size_t c = 0; c < 3; ++c) pixels[3 * i + c] = picture.pixels[i];
    }
  }
  return {picture.width, picture.height, channels, std::move(pixels)};
}

}  // namespace generalizer
