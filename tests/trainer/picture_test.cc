#include "trainer/picture.h"

#include <png.h>

#include <cmath>

#include "catch.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using generalizer::testing::TemporaryFolder;

namespace {

struct Decoded {
  std::uint32_t width = 0;
  std::uint32_t height = 0;
  std::vector<png_byte> pixels;

  png_byte red(std::uint32_t x, std::uint32_t y) const { return pixels[(y * width + x) * 3]; }
  png_byte blue(std::uint32_t x, std::uint32_t y) const { return pixels[(y * width + x) * 3 + 2]; }
};

Decoded read_png(const std::filesystem::path& path) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  REQUIRE(png_image_begin_read_from_file(&image, path.c_str()) != 0);
  image.format = PNG_FORMAT_RGB;
  Decoded decoded{image.width, image.height, std::vector<png_byte>(PNG_IMAGE_SIZE(image))};
  REQUIRE(png_image_finish_read(&image, nullptr, decoded.pixels.data(), 0, nullptr) != 0);
  return decoded;
}

}  // namespace

TEST_CASE("a grid shows image beside image and row under row") {
  const TemporaryFolder folder;
  // 84 wide: drawn as they are. Two images of 1×84×84 over one of 3×84×84.
  const auto grey = [](float value) { return std::vector<float>(84 * 84, value); };
  std::vector<float> blue(3 * 84 * 84, 0.0F);
  std::fill(blue.begin() + 2 * 84 * 84, blue.end(), 1.0F);
  const std::vector<PictureRow> rows{{{1, 84, 84}, {grey(0.0F), grey(0.5F)}}, {{3, 84, 84}, {blue}}};
  write_picture_grid(folder / "grid.png", rows);
  const Decoded picture = read_png(folder / "grid.png");
  CHECK(picture.width == 2 + 86 + 86);
  CHECK(picture.height == 2 + 86 + 86);
  CHECK(picture.red(0, 0) == 255);            // the line around
  CHECK(picture.red(2, 2) == 0);              // first image
  CHECK(picture.red(2 + 86 + 5, 10) == 128);  // second
  CHECK(picture.red(10, 2 + 86 + 5) == 0);    // below
  CHECK(picture.blue(10, 2 + 86 + 5) == 255);
  CHECK(picture.red(2 + 86 + 5, 2 + 86 + 5) == 255);  // nothing there
}

TEST_CASE("small images are enlarged by a whole factor and values outside [0, 1] are clipped") {
  const TemporaryFolder folder;
  std::vector<float> image(28 * 28, 2.0F);
  image[0] = -1.0F;
  image[1] = std::nanf("");
  const std::vector<PictureRow> rows{{{1, 28, 28}, {image}}};
  write_picture_grid(folder / "grid.png", rows);
  const Decoded picture = read_png(folder / "grid.png");
  CHECK(picture.width == 2 + 84 + 2);
  CHECK(picture.red(2, 2) == 0);
  CHECK(picture.red(4, 4) == 0);  // the first pixel is three wide
  CHECK(picture.red(5, 2) == 0);  // no number is black
  CHECK(picture.red(8, 2) == 255);
}
