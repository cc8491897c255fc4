#include "pictures/picture.h"

#include <fmt/format.h>
#include <png.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>

#include "generalizer/error.h"
#include "pictures/jpeg.h"

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
  if (png_image_begin_read_from_memory(&image, bytes.data(), bytes.size()) == 0) {
    throw DataError("The PNG " + path + " can't be read: " + image.message + ".");
  }
  const bool coloured = (image.format & PNG_FORMAT_FLAG_COLOR) != 0;
  image.format = coloured ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  Picture picture{image.width, image.height, coloured ? 3 : 1, {}};
  picture.pixels.resize(PNG_IMAGE_SIZE(image));
  // Without a word on its gamma a 16-bit file holds what an 8-bit one does, in finer steps; libpng would take it for linear light.
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;
  const png_color black{0, 0, 0};
  if (png_image_finish_read(&image, &black, picture.pixels.data(), 0, nullptr) == 0) {
    const std::string reason = image.message;
    png_image_free(&image);
    throw DataError("The PNG " + path + " can't be read: " + reason + ".");
  }
  return picture;
}

/// ITU-R BT.601 luma.
float grey_of(const std::uint8_t* rgb) {
  return (0.299F * static_cast<float>(rgb[0]) + 0.587F * static_cast<float>(rgb[1]) +
          0.114F * static_cast<float>(rgb[2])) /
         255.0F;
}

void check_size(const Picture& picture, const Shape& shape, const std::string& path) {
  const std::int64_t height = shape[1];
  const std::int64_t width = shape[2];
  if (picture.width == width && picture.height == height) return;
  const std::string stem = fs::path(path).stem().string();
  throw DataError(fmt::format(
      "The image {} is {}×{} pixels (width × height), and the network takes {}×{}. Resize it, for example "
      "with "
      "ImageMagick: convert {} -resize {}x{}! {}-{}x{}.png",
      path, picture.width, picture.height, width, height, path, width, height, stem, width, height));
}

}  // namespace

Picture read_picture(const std::string& path) {
  const std::vector<std::uint8_t> bytes = read_bytes(path);
  if (bytes.size() >= 8 && png_sig_cmp(bytes.data(), 0, 8) == 0) return decode_png(bytes, path);
  if (bytes.size() >= 3 && bytes[0] == 0xFF && bytes[1] == 0xD8 && bytes[2] == 0xFF)
    return decode_jpeg(bytes, path);
  const fs::path file(path);
  const std::string ending = file.extension().string();
  if (ending == ".png" || ending == ".jpg" || ending == ".jpeg")
    throw DataError("The file " + path +
                    " is named like a picture, and its content is neither PNG nor JPEG.");
  throw DataError(
      "The file " + path +
      " is neither PNG nor JPEG. If it is a picture of another kind, convert it, for example with "
      "ImageMagick: convert " +
      path + " " + file.stem().string() + ".png");
}

std::vector<float> to_image(const Picture& picture, const Shape& shape, bool invert,
                            const std::string& path) {
  check_size(picture, shape, path);
  const std::int64_t channels = shape[0];
  if (channels != 1 && channels != 3) {
    throw DataError(fmt::format(
        "The network takes images of {} channels; only grey (1) and RGB (3) can be made from a picture file.",
        channels));
  }
  const auto pixels = static_cast<std::size_t>(picture.width * picture.height);
  const auto have = static_cast<std::size_t>(picture.channels);
  std::vector<float> image(static_cast<std::size_t>(channels) * pixels);
  for (std::size_t i = 0; i < pixels; ++i) {
    const std::uint8_t* pixel = picture.pixels.data() + i * have;
    for (std::size_t c = 0; c < static_cast<std::size_t>(channels); ++c) {
      const bool to_grey = channels == 1 && have == 3;
      image[c * pixels + i] =
          to_grey ? grey_of(pixel) : static_cast<float>(pixel[have == 1 ? 0 : c]) / 255.0F;
    }
  }
  if (invert) std::transform(image.begin(), image.end(), image.begin(), [](float x) { return 1.0F - x; });
  return image;
}

}  // namespace generalizer
