#include <png.h>

#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include <jpeglib.h>

#include <nlohmann/json.hpp>

#include "catch.h"
#include "idx_writer.h"
#include "pictures/picture.h"
#include "project.h"

using nlohmann::json;

namespace {

void write_png(const std::string& path, std::uint32_t width, std::uint32_t height, std::uint32_t format,
               const std::vector<std::uint8_t>& pixels) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.width = width;
  image.height = height;
  image.format = format;
  REQUIRE(pixels.size() == PNG_IMAGE_SIZE(image));
  REQUIRE(png_image_write_to_file(&image, path.c_str(), 0, pixels.data(), 0, nullptr) != 0);
}

/// A JPEG of one colour, at full quality.
void write_jpeg(const std::string& path, std::uint32_t width, std::uint32_t height,
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
  info.in_color_space = colour.size() == 1 ? JCS_GRAYSCALE : JCS_RGB;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, 100, TRUE);
  jpeg_start_compress(&info, TRUE);
  std::vector<std::uint8_t> row;
  for (std::uint32_t x = 0; x < width; ++x) row.insert(row.end(), colour.begin(), colour.end());
  JSAMPROW line = row.data();
  while (info.next_scanline < height) jpeg_write_scanlines(&info, &line, 1);
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  write_file(path, std::string(reinterpret_cast<const char*>(bytes), size));
  std::free(bytes);
}

/// 6×6, light in the two columns of the class.
std::vector<std::uint8_t> picture_of(std::size_t label) {
  std::vector<std::uint8_t> pixels(36, 20);
  for (std::size_t p = 0; p < 36; ++p) {
    if (p % 6 / 2 == label) pixels[p] = 235;
  }
  return pixels;
}

}  // namespace

TEST_CASE("predict names the class of a user's own images") {
  Project project;
  project.replace("epochs = 2", "epochs = 30");
  project.replace("sign      = \"negative\"", "sign      = \"none\"");
  project.train("run");
  write_png(project.path("left.png"), 6, 6, PNG_FORMAT_GRAY, picture_of(0));
  write_png(project.path("right.png"), 6, 6, PNG_FORMAT_GRAY, picture_of(2));
  std::vector<std::uint8_t> colours;
  for (const std::uint8_t value : picture_of(1))
    colours.insert(colours.end(), 3, static_cast<std::uint8_t>(255 - value));
  write_png(project.path("dark.png"), 6, 6, PNG_FORMAT_RGB, colours);

  const Ended ended =
      project.run({"predict", "run", "left.png", "right.png", "--json", "--pictures", "seen"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json answers = json::parse(ended.out);
  REQUIRE(answers.size() == 2);
  CHECK(answers[0]["image"] == "left.png");
  CHECK(answers[0]["name"] == "left");
  CHECK(answers[1]["class"] == 2);
  double sum = 0;
  for (const json& probability : answers[0]["probabilities"]) sum += probability.get<double>();
  CHECK(sum == Approx(1.0).epsilon(1e-5));
  CHECK(std::filesystem::exists(project.path("seen/left.png")));
  CHECK(std::filesystem::exists(project.path("seen/right.png")));

  const Ended inverted = project.run({"predict", "run", "--invert", "dark.png"});
  CHECK(inverted.code == 0);
  CHECK_THAT(inverted.out, ContainsSubstring("dark.png  middle"));
}

TEST_CASE("an image of another size is refused with both sizes and the command that resizes it") {
  const Project project;
  project.train("run");
  write_png(project.path("wide.png"), 8, 6, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(48, 1));
  const Ended ended = project.run({"predict", "run", "wide.png"});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("wide.png is 8×6") && ContainsSubstring("6×6") &&
                            ContainsSubstring("convert wide.png -resize 6x6! wide-6x6.png"));
  for (const char* file : {"missing.png", "graph.toml", "run"}) {
    const Ended refused = project.run({"predict", "run", file});
    CAPTURE(refused.err);
    CHECK(refused.code == 1);
    CHECK_THAT(refused.err, ContainsSubstring(file));
  }
}

TEST_CASE("pictures become images of the network's channels") {
  using namespace generalizer;
  const Picture grey{2, 1, 1, {0, 255}};
  CHECK(to_image(grey, Shape{1, 1, 2}, false, "") == std::vector<float>{0, 1});
  CHECK(to_image(grey, Shape{3, 1, 2}, true, "") == std::vector<float>{1, 0, 1, 0, 1, 0});
  const Picture rgb{2, 1, 3, {255, 0, 51, 255, 255, 255}};
  CHECK(to_image(rgb, Shape{3, 1, 2}, false, "") == std::vector<float>{1, 1, 0, 1, 51 / 255.0F, 1});
  const std::vector<float> luma = to_image(rgb, Shape{1, 1, 2}, false, "");
  CHECK(luma[0] == Approx(0.299 + 0.114 * 0.2));
  CHECK(luma[1] == Approx(1.0));
}

TEST_CASE("a PNG of 16 bits is the picture of 8 bits that it was made of") {
  const generalizer::testing::TemporaryFolder folder;
  std::FILE* file = std::fopen((folder / "deep.png").c_str(), "wb");
  REQUIRE(file != nullptr);
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_init_io(png, file);
  png_set_IHDR(png, info, 3, 1, 16, PNG_COLOR_TYPE_GRAY, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  png_write_info(png, info);
  const std::vector<std::uint8_t> row = {0, 0, 100, 100, 255, 255};  // v · 257, big-endian
  png_write_row(png, row.data());
  png_write_end(png, info);
  png_destroy_write_struct(&png, &info);
  std::fclose(file);
  CHECK(generalizer::read_picture(folder / "deep.png").pixels == std::vector<std::uint8_t>{0, 100, 255});
}

TEST_CASE("a PNG of any kind is read as 8 bits, alpha over black") {
  using namespace generalizer;
  const generalizer::testing::TemporaryFolder folder;
  write_png(folder / "alpha.png", 2, 1, PNG_FORMAT_RGBA, {10, 20, 30, 255, 10, 20, 30, 0});
  const Picture picture = read_picture(folder / "alpha.png");
  CHECK(picture.channels == 3);
  CHECK(picture.pixels == std::vector<std::uint8_t>{10, 20, 30, 0, 0, 0});
}

TEST_CASE("a JPEG is read as grey or RGB, whatever its name") {
  using namespace generalizer;
  const generalizer::testing::TemporaryFolder folder;
  write_jpeg(folder / "grey.png", 5, 3, {77});
  const Picture grey = read_picture(folder / "grey.png");
  CHECK(grey.width == 5);
  CHECK(grey.height == 3);
  CHECK(grey.channels == 1);
  for (const std::uint8_t value : grey.pixels) CHECK(std::abs(value - 77) <= 1);
  write_jpeg(folder / "rgb.jpg", 8, 8, {200, 30, 90});
  const Picture rgb = read_picture(folder / "rgb.jpg");
  CHECK(rgb.channels == 3);
  CHECK(std::abs(rgb.pixels[0] - 200) <= 2);
  CHECK(std::abs(rgb.pixels[2] - 90) <= 2);
}

TEST_CASE("a damaged picture is refused by name") {
  using namespace generalizer;
  const generalizer::testing::TemporaryFolder folder;
  write_png(folder / "whole.png", 64, 64, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(64 * 64, 9));
  std::string bytes = "\x89PNG\r\n\x1a\n";
  write_file(folder / "cut.png", bytes);
  CHECK_THROWS_WITH(read_picture(folder / "cut.png"), ContainsSubstring("cut.png"));
  write_file(folder / "cut.jpg", "\xFF\xD8\xFF\xE0 and nothing more");
  CHECK_THROWS_WITH(read_picture(folder / "cut.jpg"), ContainsSubstring("cut.jpg"));
  write_file(folder / "text.png", "words");
  CHECK_THROWS_WITH(read_picture(folder / "text.png"),
                    ContainsSubstring("neither PNG nor JPEG") && !ContainsSubstring("convert"));
  write_file(folder / "empty.png", "");
  CHECK_THROWS_WITH(read_picture(folder / "empty.png"), ContainsSubstring("is empty"));
}
