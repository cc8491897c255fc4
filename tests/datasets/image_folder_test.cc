#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "dataset_files.h"
#include "support/skip.h"
#include "support/write_picture.h"

using namespace generalizer;
using namespace generalizer::testing;
namespace fs = std::filesystem;

namespace {

/// Two classes, "cat" of 3 and "dog" of 1 training pictures, one test picture each; grey pictures of 2×3 (width × height), each of one value. Tests then add or
/// spoil one thing.
class ImageFolder : public DatasetFiles {
 public:
  ImageFolder() : DatasetFiles("image_folder") {
    add("train/cat/1.png", 10);
    add("train/cat/2.png", 20);
    add("train/cat/10.png", 30);
    add("train/dog/a.PNG", 40);
    add("test/cat/x.png", 50);
    add("test/dog/y.png", 60);
  }
  void add(const std::string& name, int value, std::uint32_t width = 2, std::uint32_t height = 3) const {
    fs::create_directories(path(name).parent_path());
    write_png(path(name), width, height, PNG_FORMAT_GRAY,
              std::vector<std::uint8_t>(std::size_t{width} * height, static_cast<std::uint8_t>(value)));
  }
};

const std::string here = "root = \".\"\n";
const std::string grey = here + "channels = 1\n";

/// The value of each picture, which all of its numbers have.
std::vector<int> values_of(const Dataset& data) {
  std::vector<int> values;
  for (std::int64_t i = 0; i < data.size(); ++i) {
    const std::vector<double> image = image_of(data, i);
    values.push_back(static_cast<int>(std::lround(image.front())));
    for (const double number : image) CHECK(number == Approx(values.back()));
  }
  return values;
}

}  // namespace

TEST_CASE("classes are the folders in the order of their names, and pictures come from each in turn") {
  const ImageFolder files;
  const auto train = files.open(grey);
  CHECK(train->image_shape() == Shape{1, 3, 2});
  CHECK(train->class_names() == std::vector<std::string>{"cat", "dog"});
  CHECK(train->classes() == 2);
  // Within a class by name: 1, 10, 2.
  CHECK(values_of(*train) == std::vector<int>{10, 40, 30, 20});
  CHECK(labels_of(*train) == std::vector<std::int32_t>{0, 1, 0, 0});
  const auto test = files.open(grey, Split::test);
  CHECK(values_of(*test) == std::vector<int>{50, 60});
  CHECK(labels_of(*files.open(grey + "limit = 2")) == std::vector<std::int32_t>{0, 1});
}

TEST_CASE("pictures are red, green and blue unless one channel is asked for") {
  const ImageFolder files;
  write_png(files.path("train/dog/colour.png"), 2, 3, PNG_FORMAT_RGB,
            {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255, 0, 51});
  const auto data = files.open(here);
  CHECK(data->image_shape() == Shape{3, 3, 2});
  const std::vector<double> image = image_of(*data, 3);
  const std::vector<double> planes = {1, 4, 7, 10, 13, 255, 2, 5, 8, 11, 14, 0, 3, 6, 9, 12, 15, 51};
  for (std::size_t i = 0; i < planes.size(); ++i) CHECK(image[i] == Approx(planes[i]).margin(1e-4));
  CHECK(image_of(*files.open(grey), 3)[5] == Approx(82));  // 0.299 · 255 + 0.114 · 51 is 82.06
  CHECK_THAT(files.refusal(here + "channels = 2"),
             ContainsSubstring("graph.toml:4:12") && ContainsSubstring("1 (grey) or 3"));
}

TEST_CASE("with a size pictures of any are resized as Pillow does it") {
  const ImageFolder files;
  std::ifstream stream(std::string(TEST_FILES) + "/pictures.json");
  const auto golden = nlohmann::json::parse(stream);
  for (const auto& picture : golden.at("pictures")) {
    const std::string name = picture.at("file");
    if (!name.starts_with("rgb.")) continue;
    INFO(name);
    fs::remove(files.path("train/dog/a.PNG"));
    fs::copy_file(std::string(TEST_FILES) + "/" + name, files.path("train/dog/" + name));
    const auto& resized = picture.at("resized").at(0);
    REQUIRE(resized.at("size") == nlohmann::json({8, 8}));
    const auto data = files.open(here + "size = 8");
    CHECK(data->image_shape() == Shape{3, 8, 8});
    const std::string digits = resized.at("pixels");
    const std::vector<double> image = image_of(*data, 1);
    for (std::size_t i = 0; i < image.size(); ++i) {
      const std::size_t at = 2 * (3 * (i % 64) + i / 64);
      CHECK(image[i] == Approx(std::stoi(digits.substr(at, 2), nullptr, 16)).margin(1e-4));
    }
    fs::remove(files.path("train/dog/" + name));
    files.add("train/dog/a.PNG", 40);
  }
  CHECK(files.open(here + "size = [4, 7]")->image_shape() == Shape{3, 4, 7});
}

TEST_CASE("paths may hold spaces and letters of any script, folders within a class and links") {
  const ImageFolder files;
  files.add("train/dog/große Hunde/Rüde 1.jpeg.png", 70);
  files.add("train/dog/große Hunde/犬.png", 80);
  fs::create_directory_symlink(files.path("train/cat"), files.path("train/Übung"));
  fs::create_directory_symlink(files.path("test/cat"), files.path("test/Übung"));
  const auto data = files.open(grey);
  CHECK(data->class_names() == std::vector<std::string>{"cat", "dog", "Übung"});
  CHECK(values_of(*data) == std::vector<int>{10, 40, 10, 30, 70, 30, 20, 80, 20});
}

TEST_CASE("what is no picture is left out, and so are hidden files and folders") {
  const ImageFolder files;
  files.write("train/cat/notes.txt", "no picture");
  files.write("train/cat/Thumbs.db", "no picture");
  files.write("train/cat/._1.png", "what macOS leaves");
  files.write("train/README.md", "beside the classes");
  files.write("train/.ipynb_checkpoints/1.png", "no class");
  CHECK(files.open(grey)->size() == 4);
  CHECK(files.open(grey)->classes() == 2);
}

TEST_CASE("class_names gives the folders another order, and names no others") {
  const ImageFolder files;
  const auto data = files.open(grey + "class_names = [\"dog\", \"cat\"]");
  CHECK(data->class_names() == std::vector<std::string>{"dog", "cat"});
  CHECK(labels_of(*data) == std::vector<std::int32_t>{0, 1, 1, 1});
  CHECK_THAT(files.refusal(grey + "class_names = [\"dogs\", \"cat\"]"),
             ContainsSubstring("there is no folder dogs; did you mean \"dog\"?"));
  CHECK_THAT(files.refusal(grey + "class_names = [\"cat\"]"), ContainsSubstring("it lacks dog"));
  CHECK_THAT(files.refusal(grey + "class_names = [\"cat\", \"dog\", \"cat\"]"),
             ContainsSubstring("\"cat\" twice"));
}

TEST_CASE("pictures of several sizes are refused by name until a size is given") {
  const ImageFolder files;
  files.add("train/dog/wide.png", 1, 5, 3);
  CHECK_THAT(files.refusal(here), ContainsSubstring("wide.png is 5×3 pixels") &&
                                      ContainsSubstring("1.png is 2×3") &&
                                      ContainsSubstring("size = [height, width]"));
  CHECK(files.open(here + "size = [3, 2]")->size() == 5);
}

TEST_CASE("of several damaged pictures the first is named, however many threads read") {
  const ImageFolder files;
  for (int i = 0; i < 40; ++i) files.add("train/dog/b" + std::to_string(10 + i) + ".png", i);
  for (const char* name : {"b13", "b20", "b47"})
    files.write("train/dog/" + std::string(name) + ".png", "\x89PNG\r\n\x1a\n");
  for (int i = 0; i < 5; ++i) CHECK_THAT(files.refusal(here), ContainsSubstring("b13.png"));
}

TEST_CASE("files with a picture's name and another content are refused, and kinds that can't be read") {
  const ImageFolder files;
  files.write("train/dog/text.jpg", "words");
  CHECK_THAT(files.refusal(here), ContainsSubstring("text.jpg is named like a picture") &&
                                      ContainsSubstring("neither PNG nor JPEG"));
  fs::remove(files.path("train/dog/text.jpg"));
  files.write("train/dog/empty.jpg", "");
  CHECK_THAT(files.refusal(here), ContainsSubstring("empty.jpg is empty"));
  fs::remove(files.path("train/dog/empty.jpg"));
  files.write("train/dog/jpeg.png", jpeg_bytes(2, 3, {40}));  // a JPEG whatever its name
  CHECK(files.open(here)->size() == 5);
  files.write("train/dog/old.BMP", "BM");
  CHECK_THAT(files.refusal(here),
             ContainsSubstring("old.BMP is of a kind that can't be read") && ContainsSubstring("convert"));
}

TEST_CASE("folders that are missing, empty or different in the splits are named") {
  const ImageFolder files;
  CHECK_THAT(files.refusal(here + "train = \"trian\""),
             ContainsSubstring("There is no folder") && ContainsSubstring("trian"));
  CHECK_THAT(files.refusal("root = \"nowhere\""), ContainsSubstring("nowhere/train"));
  CHECK_THAT(files.refusal(here + "train = \"train/cat\""),
             ContainsSubstring("holds no folders, but pictures"));
  CHECK_THAT(files.refusal(here + "train = \"train/cat/1.png\""), ContainsSubstring("is no folder"));
  fs::create_directories(files.path("train/fox"));
  CHECK_THAT(files.refusal(here), ContainsSubstring("The splits have different classes") &&
                                      ContainsSubstring("has the class folders fox"));
  CHECK_THAT(files.refusal(here, Split::test), ContainsSubstring("test has none of these names"));
  fs::create_directories(files.path("test/fox"));
  files.write("train/fox/notes.txt", "no picture");
  CHECK_THAT(files.refusal(here), ContainsSubstring("train/fox holds no pictures"));
  fs::remove_all(files.path("train/fox"));
  CHECK_THAT(files.refusal(here, Split::train), ContainsSubstring("test has the class folders fox"));
}

TEST_CASE("a class folder that may not be read is named with the system's reason") {
  const ImageFolder files;
  if (::geteuid() == 0) return test::skip("root may read every folder");
  fs::permissions(files.path("train/dog"), fs::perms::none);
  CHECK_THAT(files.refusal(here), ContainsSubstring("train/dog can't be read: Permission denied"));
  fs::permissions(files.path("train/dog"), fs::perms::owner_all);
}

TEST_CASE("a class folder whose name is no UTF-8 is refused") {
  const ImageFolder files;
  files.add("train/caf\xE9/1.png", 1);
  files.add("test/caf\xE9/1.png", 1);
  CHECK_THAT(files.refusal(here), ContainsSubstring("is no UTF-8 text"));
}

TEST_CASE("links that lead back or nowhere are named instead of followed for ever") {
  const ImageFolder files;
  fs::create_directory_symlink(files.path("train"), files.path("train/dog/again"));
  CHECK_THAT(files.refusal(here), ContainsSubstring("again/dog") && ContainsSubstring("leads back to"));
  fs::remove(files.path("train/dog/again"));
  fs::create_symlink(files.path("nothing.png"), files.path("train/dog/gone.png"));
  CHECK_THAT(files.refusal(here),
             ContainsSubstring("gone.png") && ContainsSubstring("a link that leads nowhere"));
}

TEST_CASE("more pictures than memory are refused before they are read") {
  const ImageFolder files;
  for (int i = 0; i < 200; ++i) files.add("train/dog/" + std::to_string(i) + ".png", i);
  CHECK_THAT(files.refusal(here + "size = 65535"),
             ContainsSubstring("GB of memory") && ContainsSubstring("`limit` for fewer"));
}
