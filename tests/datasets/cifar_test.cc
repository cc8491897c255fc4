#include <fstream>

#include "catch.h"
#include "generalizer/dataset.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using generalizer::testing::TemporaryFolder;

namespace {

class Cifar {
 public:
  explicit Cifar(const std::string& variant = "cifar10") {
    load_plugin(plugin_folder() + "/datasets.so", registry_);
    for (const ParameterSpec& spec : registry_.find_dataset("cifar")->parameters) {
      if (spec.default_value) data.set(spec.name, *spec.default_value);
    }
    data.set("root", folder_.path().string());
    data.set("variant", variant);
  }
  void write(const std::string& name, const std::string& bytes) const {
    std::ofstream(folder_.path() / name, std::ios::binary) << bytes;
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::unique_ptr<Dataset> open(Split split) const { return registry_.find_dataset("cifar")->open(data, split); }
  std::string refusal(Split split) const {
    try {
      open(split);
    } catch (const DataError& error) {
      return error.what();
    }
    FAIL("the files were accepted");
    return {};
  }
  Parameters data;

 private:
  Registry registry_;
  TemporaryFolder folder_;
};

/// A record with these label bytes whose pixels are 0, 1, 2, …, by 256.
std::string record(std::initializer_list<int> labels) {
  std::string bytes;
  for (const int label : labels) bytes += static_cast<char>(label);
  for (int i = 0; i < 3072; ++i) bytes += static_cast<char>(i % 256);
  return bytes;
}

}  // namespace

TEST_CASE("CIFAR-10's records are a label and three planes of 32×32") {
  Cifar files;
  files.write("test_batch.bin", record({3}) + record({9}));
  const auto data = files.open(Split::test);
  CHECK(data->size() == 2);
  CHECK(data->classes() == 10);
  CHECK(data->image_shape() == Shape{3, 32, 32});
  CHECK(data->label(0) == 3);
  CHECK(data->label(1) == 9);
  std::vector<float> image(3072);
  data->read_image(1, image);
  CHECK(image[0] == 0.0F);
  CHECK(image[255] == 1.0F);
  CHECK(image[1024] == 0.0F);  // green's first pixel
}

TEST_CASE("the training set is five files, one after another, and a limit takes the first") {
  Cifar files;
  for (int i = 1; i <= 5; ++i) files.write("data_batch_" + std::to_string(i) + ".bin", record({i}));
  CHECK(files.open(Split::train)->size() == 5);
  CHECK(files.open(Split::train)->label(4) == 5);
  files.data.set("limit", std::int64_t{2});
  CHECK(files.open(Split::train)->size() == 2);
}

TEST_CASE("CIFAR-100 has coarse and fine labels, and its names beside it") {
  Cifar files("cifar100");
  files.write("test.bin", record({7, 42}));
  CHECK(files.open(Split::test)->label(0) == 42);
  CHECK(files.open(Split::test)->class_names().empty());
  files.data.set("labels", std::string("coarse"));
  std::string names;
  for (int i = 0; i < 20; ++i) names += "class " + std::to_string(i) + "\n";
  files.write("coarse_label_names.txt", names);
  const auto data = files.open(Split::test);
  CHECK(data->label(0) == 7);
  CHECK(data->classes() == 20);
  REQUIRE(data->class_names().size() == 20);
  CHECK(data->class_names()[7] == "class 7");
}

TEST_CASE("damaged CIFAR files are named with what is wrong") {
  Cifar files;
  CHECK(files.refusal(Split::test).find(files.path("test_batch.bin")) != std::string::npos);
  files.write("test_batch.bin", record({3}).substr(0, 3000));
  CHECK(files.refusal(Split::test).find("has 3000 bytes; expected records of 3073 bytes") != std::string::npos);
  files.write("test_batch.bin", "");
  CHECK(files.refusal(Split::test).find("has 0 bytes") != std::string::npos);
  files.write("test_batch.bin", record({3}) + record({10}));
  CHECK(files.refusal(Split::test).find("the label 10 at record 1") != std::string::npos);
  files.write("test_batch.bin", record({3}));
  files.data.set("class_names", std::vector<std::string>{"one", "two"});
  CHECK(files.refusal(Split::test).find("2 class_names and cifar10 has 10 classes") != std::string::npos);
}
