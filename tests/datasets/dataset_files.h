#pragma once

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "catch.h"
#include "config/graph_spec.h"
#include "generalizer/dataset.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/temporary_folder.h"

namespace generalizer::testing {

/// A folder of files, and datasets of them opened by the text of a [data] table, as a graph file would: paths in it are relative to the folder.
class DatasetFiles {
 public:
  explicit DatasetFiles(std::string type) : type_(std::move(type)) {
    load_folder(plugin_folder(), registry_);
  }

  void write(const std::string& name, const std::string& bytes) const {
    std::filesystem::create_directories(path(name).parent_path());
    std::ofstream(path(name), std::ios::binary) << bytes;
  }
  std::filesystem::path path(const std::string& name) const { return folder_ / name; }
  const Registry& registry() const { return registry_; }

  /// `data`: the keys of [data] but `type`.
  GraphSpec spec(const std::string& data) const {
    return parse_graph("[data]\ntype = \"" + type_ + "\"\n" + data +
                           "\n[classifier]\nloss = \"cross_entropy\"\nlayers = [ { type = \"flatten\" }, { "
                           "type = \"dense\", units = 3 } ]\n",
                       "graph.toml", folder_.path().string(), registry_, {{"backend=reference"}});
  }
  std::unique_ptr<Dataset> open(const std::string& data, Split split = Split::train) const {
    return registry_.find_dataset(type_)->open(spec(data).data.parameters, split);
  }
  /// What is said of a dataset that can't be opened. Fails the test when it can.
  std::string refusal(const std::string& data, Split split = Split::train) const {
    try {
      open(data, split);
    } catch (const Error& error) {
      return error.what();
    }
    FAIL("the dataset was taken");
    return {};
  }

 private:
  std::string type_;
  TemporaryFolder folder_;
  Registry registry_;
};

/// Image `index`, its numbers times 255.
inline std::vector<double> image_of(const Dataset& data, std::int64_t index) {
  std::vector<float> image(static_cast<std::size_t>(data.image_shape().elements()));
  data.read_image(index, image);
  std::vector<double> numbers;
  for (const float number : image) numbers.push_back(static_cast<double>(number) * 255.0);
  return numbers;
}

inline std::vector<std::int32_t> labels_of(const Dataset& data) {
  std::vector<std::int32_t> labels;
  for (std::int64_t i = 0; i < data.size(); ++i) labels.push_back(data.label(i));
  return labels;
}

}  // namespace generalizer::testing
