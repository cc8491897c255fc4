#include <filesystem>
#include <functional>
#include <memory>

#include "catch.h"
#include "generalizer/dataset.h"
#include "idx_writer.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/temporary_folder.h"

using namespace generalizer;

namespace {

std::vector<std::uint8_t> counted(std::size_t n) {
  std::vector<std::uint8_t> values(n);
  for (std::size_t i = 0; i < n; ++i) values[i] = static_cast<std::uint8_t>(i * 7);
  return values;
}

/// A folder with a small, right dataset: 5 training and 3 test images of 2×3, labels from 0 to 2. Tests then
/// spoil one thing.
class Files {
 public:
  Files() {
    load_plugin(plugin_folder() + "/datasets.so", registry_);
    write("train-images", idx_bytes({5, 2, 3}, counted(30)));
    write("train-labels", idx_bytes({5}, {0, 1, 2, 1, 0}));
    write("test-images", idx_bytes({3, 2, 3}, counted(18)));
    write("test-labels", idx_bytes({3}, {2, 0, 1}));
    data.set("root", folder_.path().string());
    data.set("train", std::vector<Parameters>{split("train")});
    data.set("test", std::vector<Parameters>{split("test")});
    data.set("class_names", std::vector<std::string>{});
  }

  static Parameters split(const std::string& name) {
    Parameters files;
    files.set("images", name + "-images");
    files.set("labels", name + "-labels");
    return files;
  }

  void leave_out_labels(const std::string& name) {
    Parameters files = split(name);
    files.set("labels", std::string());
    data.set(name, std::vector<Parameters>{files});
  }

  void write(const std::string& name, const std::string& bytes) { write_file(path(name), bytes); }
  std::string path(const std::string& name) const { return folder_ / name; }
  const DatasetType& type() const { return *registry_.find_dataset("idx"); }
  std::unique_ptr<Dataset> open(Split which = Split::train) const { return type().open(data, which); }

  std::string refusal(Split which = Split::train) const {
    try {
      open(which);
    } catch (const DataError& error) {
      return error.what();
    }
    FAIL("the dataset was taken");
    return {};
  }

  Parameters data;

 private:
  generalizer::testing::TemporaryFolder folder_;
  Registry registry_;
};

}  // namespace

TEST_CASE("an IDX dataset gives its images scaled to [0, 1] and its labels") {
  const Files files;
  const auto dataset = files.open();
  CHECK(dataset->size() == 5);
  CHECK(dataset->image_shape() == Shape{1, 2, 3});
  CHECK(dataset->classes() == 3);
  CHECK(dataset->class_names().empty());
  std::vector<float> image(6);
  dataset->read_image(4, image);
  for (std::size_t i = 0; i < 6; ++i) {
    const auto byte = static_cast<std::uint8_t>((24 + i) * 7);
    CHECK(image[i] == static_cast<float>(byte) / 255.0F);
  }
  CHECK(dataset->label(2) == 2);
  CHECK(files.open(Split::test)->size() == 3);
}

TEST_CASE("every byte value is scaled to the nearest float of its 255th") {
  Files files;
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  files.write("train-images", idx_bytes({1, 16, 16}, all));
  files.write("train-labels", idx_bytes({1}, {0}));
  std::vector<float> image(256);
  files.open()->read_image(0, image);
  CHECK(image[0] == 0.0F);
  CHECK(image[255] == 1.0F);
  for (std::size_t i = 0; i < all.size(); ++i)
    CHECK(image[i] == static_cast<float>(static_cast<double>(i) / 255.0));
}

TEST_CASE("a gzip file is read whatever its name") {
  Files files;
  files.write("train-images", gzip_bytes(idx_bytes({5, 2, 3}, counted(30))));
  files.write("train-labels", gzip_bytes(idx_bytes({5}, {0, 1, 2, 1, 0})));
  CHECK(files.open()->size() == 5);
}

TEST_CASE("images of several channels have four dimensions") {
  Files files;
  files.write("train-images", idx_bytes({5, 3, 2, 1}, counted(30)));
  CHECK(files.open()->image_shape() == Shape{3, 2, 1});
}

TEST_CASE("without labels there are no classes") {
  Files files;
  files.leave_out_labels("train");
  files.leave_out_labels("test");
  CHECK(files.open()->classes() == 0);
  CHECK(files.open()->label(3) == 0);
  CHECK(files.open(Split::test)->classes() == 0);
}

TEST_CASE("labels in one split alone are refused by both keys, whichever split is opened") {
  const std::string other = GENERATE("train", "test");
  const std::string empty = other == "train" ? "test" : "train";
  Files files;
  files.leave_out_labels(empty);
  for (const Split split : {Split::train, Split::test}) {
    CHECK_THAT(files.refusal(split),
               ContainsSubstring("`" + other + ".labels` names the file " + files.path(other + "-labels")) &&
                   ContainsSubstring("`" + empty + ".labels` is empty") &&
                   ContainsSubstring("both splits have labels or neither"));
  }
}

TEST_CASE("a limit takes the first images only, and classes still come from the whole file") {
  Files files;
  Parameters train = Files::split("train");
  train.set("limit", std::int64_t{2});
  files.data.set("train", std::vector<Parameters>{train});
  CHECK(files.open()->size() == 2);
  CHECK(files.open()->classes() == 3);
}

TEST_CASE("class names are given on, and count the classes") {
  Files files;
  files.data.set("class_names", std::vector<std::string>{"shirt", "shoe", "bag", "coat"});
  CHECK(files.open()->classes() == 4);
  CHECK(files.open()->class_names().at(1) == "shoe");
  files.data.set("classes", std::int64_t{3});
  CHECK_THAT(files.refusal(), ContainsSubstring("classes = 3") && ContainsSubstring("4 class_names"));
}

TEST_CASE("two classes of one name are refused") {
  Files files;
  files.data.set("class_names", std::vector<std::string>{"shirt", "shoe", "shirt"});
  CHECK_THAT(files.refusal(), ContainsSubstring("\"shirt\" twice, for the labels 0 and 2"));
}

TEST_CASE("a damaged label makes no classes of its own") {
  Files files;
  files.write("train-labels", idx_bytes({5}, {0, 1, 2, 200, 0}));
  for (const Split split : {Split::train, Split::test}) {
    CHECK_THAT(files.refusal(split),
               ContainsSubstring("The label 200 of record 3 (counted from 0) in " +
                                 files.path("train-labels") + " is far from the others, 0 to 2") &&
                   ContainsSubstring("no image has a label of 3 to 199") &&
                   ContainsSubstring("set [data] `classes`, which would be 201"));
  }
  files.data.set("classes", std::int64_t{201});
  CHECK(files.open()->classes() == 201);
  files.data.set("classes", std::int64_t{3});
  CHECK_THAT(files.refusal(), ContainsSubstring("The label 200 of record 3 (counted from 0) in " +
                                                files.path("train-labels") + " is outside [0, 3)") &&
                                  ContainsSubstring("3 classes by [data] `classes`"));
}

TEST_CASE("labels that don't begin with 0 are refused until the number of classes is given") {
  Files files;
  files.write("train-labels", idx_bytes({5}, {3, 2, 1, 3, 1}));
  CHECK_THAT(files.refusal(), ContainsSubstring("The label 1 of record 2") &&
                                  ContainsSubstring("is the smallest, and labels count from 0") &&
                                  ContainsSubstring("no image has a label of 0.") &&
                                  ContainsSubstring("which would be 4"));
  files.data.set("classes", std::int64_t{4});
  CHECK(files.open()->label(0) == 3);
}

TEST_CASE("a class that only the last of 256 labels has is counted") {
  Files files;
  std::vector<std::uint8_t> all(256);
  for (std::size_t i = 0; i < all.size(); ++i) all[i] = static_cast<std::uint8_t>(i);
  files.write("train-images", idx_bytes({256, 2, 3}, counted(std::size_t{256} * 6)));
  files.write("train-labels", idx_bytes({256}, all));
  CHECK(files.open()->classes() == 256);
}

TEST_CASE("both splits have the training labels' classes") {
  Files files;
  files.write("test-labels", idx_bytes({3}, {0, 0, 1}));
  CHECK(files.open(Split::test)->classes() == 3);
}

TEST_CASE("a test label that no training image has is refused with its record") {
  Files files;
  files.write("test-labels", idx_bytes({3}, {0, 3, 1}));
  CHECK_THAT(files.refusal(Split::test),
             ContainsSubstring("The label 3 of record 1") && ContainsSubstring(files.path("test-labels")) &&
                 ContainsSubstring("outside [0, 3)") &&
                 ContainsSubstring("3 classes in the training labels " + files.path("train-labels")));
}

TEST_CASE("a label outside the declared classes is refused with its record") {
  Files files;
  files.data.set("classes", std::int64_t{2});
  CHECK_THAT(files.refusal(), ContainsSubstring("The label 2 of record 2") &&
                                  ContainsSubstring(files.path("train-labels")) &&
                                  ContainsSubstring("outside [0, 2)"));
}

TEST_CASE("images and labels of different counts are refused with both files and both counts") {
  Files files;
  files.write("train-labels", idx_bytes({4}, {0, 1, 2, 1}));
  CHECK_THAT(files.refusal(), ContainsSubstring("5 images in " + files.path("train-images")) &&
                                  ContainsSubstring("4 labels in " + files.path("train-labels")));
}

TEST_CASE("a missing file is named, with the package that has one") {
  Files files;
  std::filesystem::remove(files.path("train-images"));
  CHECK_THAT(files.refusal(), ContainsSubstring("no file " + files.path("train-images")) &&
                                  ContainsSubstring("dataset-fashion-mnist"));
}

TEST_CASE("a folder, an empty file and a few bytes are refused as IDX") {
  Files files;
  std::filesystem::remove(files.path("train-images"));
  std::filesystem::create_directory(files.path("train-images"));
  CHECK_THAT(files.refusal(), ContainsSubstring(files.path("train-images") + " is a folder"));
  std::filesystem::remove(files.path("train-images"));
  files.write("train-images", "");
  CHECK_THAT(files.refusal(), ContainsSubstring(files.path("train-images") + " is empty"));
  files.write("train-images", "abc");
  CHECK_THAT(files.refusal(), ContainsSubstring("too short for an IDX file: 3 bytes"));
}

TEST_CASE("a file that is no IDX shows its first bytes") {
  Files files;
  files.write("train-images", "<!DOCTYPE html><p>Not here</p>");
  CHECK_THAT(files.refusal(), ContainsSubstring("is no IDX file") && ContainsSubstring("3c 21 44 4f") &&
                                  ContainsSubstring("00 00 08 03"));
}

TEST_CASE("a file compressed twice is refused as such") {
  Files files;
  files.write("train-images", gzip_bytes(gzip_bytes(idx_bytes({5, 2, 3}, counted(30)))));
  CHECK_THAT(files.refusal(), ContainsSubstring("gzip-compressed twice"));
}

TEST_CASE("IDX files of other types are refused by the type's name") {
  Files files;
  files.write("train-images", idx_bytes({5, 2, 3}, counted(120), 0x0d));
  CHECK_THAT(files.refusal(),
             ContainsSubstring("32-bit floating point numbers") && ContainsSubstring("only unsigned bytes"));
}

TEST_CASE("swapped images and labels are suspected") {
  Files files;
  Parameters swapped;
  swapped.set("images", std::string("train-labels"));
  swapped.set("labels", std::string("train-images"));
  files.data.set("train", std::vector<Parameters>{swapped});
  CHECK_THAT(files.refusal(), ContainsSubstring("has 1 dimension,") && ContainsSubstring("swapped"));
}

TEST_CASE("a file cut short says how many bytes were expected and found") {
  Files files;
  files.write("train-images", idx_bytes({5, 2, 3}, counted(29)));
  CHECK_THAT(files.refusal(), ContainsSubstring("is cut short") && ContainsSubstring("5×2×3") &&
                                  ContainsSubstring("46 bytes expected, 45 found"));
  files.write("train-images", idx_bytes({5, 2, 3}, {}).substr(0, 10));
  CHECK_THAT(files.refusal(), ContainsSubstring("cut short inside the header of its IDX data") &&
                                  ContainsSubstring("16 bytes expected, 10 found"));
}

TEST_CASE("a gzip file whose content is cut short says so in uncompressed bytes") {
  Files files;
  files.write("train-images", gzip_bytes(idx_bytes({5, 2, 3}, counted(20))));
  CHECK_THAT(files.refusal(), ContainsSubstring("46 bytes expected, 36 found"));
}

TEST_CASE("a gzip stream that ends early is told from data that is too short, with unpacked bytes") {
  Files files;
  const std::string whole = gzip_bytes(idx_bytes({100, 10, 10}, counted(10000)));
  files.write("train-images", whole.substr(0, whole.size() / 2));
  CHECK_THAT(files.refusal(), ContainsSubstring("The gzip file " + files.path("train-images")) &&
                                  ContainsSubstring("ends early: its compressed stream is cut short") &&
                                  ContainsSubstring("100×10×10") &&
                                  ContainsSubstring("10016 unpacked bytes expected"));
  files.write("train-images", whole.substr(0, whole.size() - 4));  // in the length behind the checksum
  CHECK_THAT(files.refusal(),
             ContainsSubstring("ends early") && ContainsSubstring("the checksum can't be compared"));
  files.write("train-images", whole.substr(0, 10));  // gzip's own header and nothing else
  CHECK_THAT(files.refusal(),
             ContainsSubstring("ends early") && ContainsSubstring("16 unpacked bytes expected, 0 found"));
}

TEST_CASE("a damaged gzip file is refused with what gzip says") {
  Files files;
  std::string bytes = gzip_bytes(idx_bytes({5, 2, 3}, counted(30)));
  bytes[bytes.size() - 6] = static_cast<char>(bytes[bytes.size() - 6] ^ 0x55);  // in the checksum
  files.write("train-images", bytes);
  CHECK_THAT(files.refusal(), ContainsSubstring("is damaged") && ContainsSubstring("incorrect data check"));
}

TEST_CASE("bytes after the last value are refused, compressed or not") {
  Files files;
  files.write("train-images", idx_bytes({5, 2, 3}, counted(31)));
  CHECK_THAT(files.refusal(),
             ContainsSubstring("goes on after its last value") && ContainsSubstring("46 bytes expected"));
  files.write("train-images", gzip_bytes(idx_bytes({5, 2, 3}, counted(31))));
  CHECK_THAT(files.refusal(), ContainsSubstring("goes on after its last value"));
}

TEST_CASE("an empty dataset is refused") {
  Files files;
  files.write("train-images", idx_bytes({0, 2, 3}, {}));
  CHECK_THAT(files.refusal(), ContainsSubstring("holds nothing") && ContainsSubstring("0×2×3"));
}

TEST_CASE("a header that declares far more than the file can hold is refused before anything is allocated") {
  Files files;
  files.write("train-images", idx_bytes({0xffffffff, 0xffffffff, 0xffffffff}, counted(30)));
  CHECK_THAT(files.refusal(),
             ContainsSubstring("4294967295×4294967295×4294967295") && ContainsSubstring("can't hold"));
  files.write("train-images", gzip_bytes(idx_bytes({0xffffffff, 28, 28}, counted(30))));
  CHECK_THAT(files.refusal(), ContainsSubstring("can't hold"));
  files.write("train-images", idx_bytes({5000000, 28, 28}, counted(30)));
  CHECK_THAT(files.refusal(), ContainsSubstring("3920000016 bytes expected, 46 found"));
}
