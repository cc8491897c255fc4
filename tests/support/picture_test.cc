#include "generalizer/picture.h"

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "support/temporary_folder.h"
#include "support/write_picture.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

/// The bytes of "00ff17".
std::vector<std::uint8_t> from_hexadecimal(const nlohmann::json& text) {
  const std::string digits = text;
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

}  // namespace

TEST_CASE("a PNG of 16 bits is the picture of 8 bits that it was made of") {
  const TemporaryFolder folder;
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
  CHECK(read_picture(folder / "deep.png").pixels == std::vector<std::uint8_t>{0, 100, 255});
}

TEST_CASE("a PNG of any kind is read as 8 bits, alpha over black") {
  const TemporaryFolder folder;
  write_png(folder / "alpha.png", 2, 1, PNG_FORMAT_RGBA, {10, 20, 30, 255, 10, 20, 30, 0});
  const Picture picture = read_picture(folder / "alpha.png");
  CHECK(picture.channels == 3);
  CHECK(picture.pixels == std::vector<std::uint8_t>{10, 20, 30, 0, 0, 0});
}

TEST_CASE("a JPEG is read as grey or RGB, whatever its name") {
  const TemporaryFolder folder;
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
  const TemporaryFolder folder;
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

TEST_CASE(
    "a JPEG that is cut short within its pixels is refused, and stray bytes between its markers aren't") {
  const TemporaryFolder folder;
  const std::string whole = jpeg_bytes(64, 64, {200, 30, 90});
  write_file(folder / "cut.jpg", whole.substr(0, whole.size() - 40));
  CHECK_THROWS_WITH(read_picture(folder / "cut.jpg"),
                    ContainsSubstring("cut.jpg is damaged or cut short: Premature end of JPEG file"));
  const std::size_t table = whole.find("\xFF\xDB");
  write_file(folder / "stray.jpg", whole.substr(0, table) + std::string(3, 'x') + whole.substr(table));
  CHECK(read_picture(folder / "stray.jpg").width == 64);
}

TEST_CASE("a JPEG in a print's colours is refused with what to do") {
  const TemporaryFolder folder;
  write_jpeg(folder / "print.jpg", 8, 8, {10, 20, 30, 40});
  CHECK_THROWS_WITH(read_picture(folder / "print.jpg"), ContainsSubstring("print.jpg") &&
                                                            ContainsSubstring("CMYK") &&
                                                            ContainsSubstring("convert"));
}

TEST_CASE("a small file that declares a huge picture is refused before memory is taken") {
  const TemporaryFolder folder;
  write_png(folder / "huge.png", 4, 4, PNG_FORMAT_GRAY, std::vector<std::uint8_t>(16));
  std::fstream png(folder / "huge.png", std::ios::in | std::ios::out | std::ios::binary);
  // IHDR: 100000×100000, with the checksum that belongs to it.
  std::string header = std::string("IHDR") + std::string("\0\1\x86\xA0\0\1\x86\xA0\x08\0\0\0\0", 13);
  const auto sum = crc32(0, reinterpret_cast<const Bytef*>(header.data()), static_cast<uInt>(header.size()));
  for (int shift = 24; shift >= 0; shift -= 8) header += static_cast<char>(sum >> shift & 0xff);
  png.seekp(12);
  png.write(header.data(), static_cast<std::streamsize>(header.size()));
  png.close();
  CHECK_THROWS_WITH(read_picture(folder / "huge.png"), ContainsSubstring("declares 100000×100000 pixels"));

  std::string jpeg = jpeg_bytes(8, 8, {1});
  const std::size_t frame = jpeg.find("\xFF\xC0");
  jpeg.replace(frame + 5, 4, "\xEA\x60\xEA\x60");  // 60000×60000
  write_file(folder / "huge.jpg", jpeg);
  CHECK_THROWS_WITH(read_picture(folder / "huge.jpg"), ContainsSubstring("declares 60000×60000 pixels"));
}

TEST_CASE("pictures are read, made grey and resized to the bit as Pillow does it") {
  const std::string files = TEST_PICTURES;
  std::ifstream stream(files + "/pictures.json");
  const auto golden = nlohmann::json::parse(stream);
  for (const auto& expected : golden.at("pictures")) {
    const std::string name = expected.at("file");
    INFO(name);
    const Picture picture = read_picture(files + "/" + name);
    CHECK(picture.pixels == from_hexadecimal(expected.at("pixels")));
    CHECK(to_channels(picture, 1).pixels == from_hexadecimal(expected.at("grey")));
    CHECK(to_channels(picture, 3).pixels == from_hexadecimal(expected.at("rgb")));
    for (const auto& resized : expected.at("resized")) {
      const auto size = resized.at("size").get<std::vector<std::int64_t>>();
      INFO(size[0] << "×" << size[1]);
      const Picture result = resize(picture, size[0], size[1]);
      CHECK(result.width == size[0]);
      CHECK(result.height == size[1]);
      CHECK(result.pixels == from_hexadecimal(resized.at("pixels")));
    }
  }
}

TEST_CASE("no byte that is changed in a picture, and no end that it lacks, does worse than be refused") {
  const TemporaryFolder folder;
  for (const std::string name : {"rgb.png", "palette.png", "rgb.jpg", "progressive.jpg"}) {
    std::ifstream stream(std::string(TEST_PICTURES) + "/" + name, std::ios::binary);
    const std::string whole{std::istreambuf_iterator<char>(stream), {}};
    REQUIRE(whole.size() > 100);
    const std::string path = folder / name;
    int refused = 0;
    const auto read = [&](const std::string& bytes) {
      write_file(path, bytes);
      try {
        const Picture picture = read_picture(path);
        CHECK(picture.pixels.size() ==
              static_cast<std::size_t>(picture.width * picture.height * picture.channels));
      } catch (const DataError& error) {
        ++refused;
        CHECK_THAT(error.what(), ContainsSubstring(name));
      }
    };
    for (std::size_t at = 0; at < whole.size(); ++at) {
      std::string spoilt = whole;
      spoilt[at] = static_cast<char>(spoilt[at] ^ (at % 2 == 0 ? 0xff : 0x01));
      read(spoilt);
    }
    CHECK(refused > 0);
    refused = 0;
    // The last bytes only say that it ends.
    for (std::size_t size = 1; size + 16 < whole.size(); ++size) read(whole.substr(0, size));
    CHECK(refused == static_cast<int>(whole.size()) - 17);
  }
}
