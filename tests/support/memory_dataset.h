#pragma once

#include <functional>
#include <memory>

#include "generalizer/dataset.h"
#include "generalizer/random.h"
#include "generalizer/registry.h"

namespace generalizer::testing {

/// Images of random numbers with a bright square whose place tells the class, so that there is something to learn; made, not read.
class MemoryDataset : public Dataset {
 public:
  MemoryDataset(std::int64_t size, std::uint64_t stream, std::vector<std::string> names = {})
      : size_(size), random_(7, stream), names_(std::move(names)) {}

  std::int64_t size() const override { return size_; }
  Shape image_shape() const override { return {1, 6, 6}; }
  std::int64_t classes() const override { return 3; }
  std::vector<std::string> class_names() const override { return names_; }
  std::int32_t label(std::int64_t index) const override { return static_cast<std::int32_t>(index % 3); }
  void read_image(std::int64_t index, std::span<float> image) const override {
    for (std::size_t i = 0; i < 36; ++i) {
      const bool bright = i % 6 / 2 == static_cast<std::size_t>(label(index));
      image[i] = static_cast<float>(0.5 * random_.uniform(static_cast<std::uint64_t>(index) * 36 + i) +
                                    (bright ? 0.5 : 0.0));
    }
  }

 private:
  std::int64_t size_;
  Philox random_;
  std::vector<std::string> names_;
};

/// Adds the dataset type "memory": `train` and `test` images of 1×6×6 in 3 classes.
inline void add_memory_dataset(Registry& registry) {
  DatasetType type;
  type.name = "memory";
  type.summary = "Made images for tests.";
  type.parameters = {parameter("train", {ParameterType::integer}, std::int64_t{50}, "Images to train on."),
                     parameter("test", {ParameterType::integer}, std::int64_t{20}, "Images to test on."),
                     parameter("names", {ParameterType::strings}, std::vector<std::string>(),
                               "Names of the classes, as if they were the files' own.")};
  type.open = [](const Parameters& parameters, Split split) -> std::unique_ptr<Dataset> {
    const bool train = split == Split::train;
    return std::make_unique<MemoryDataset>(parameters.integer(train ? "train" : "test"), train ? 1 : 2,
                                           parameters.strings("names"));
  };
  registry.add_dataset(std::move(type));
}

}  // namespace generalizer::testing
