#pragma once

#include <memory>
#include <string>
#include <vector>

#include "audit/attack.h"
#include "audit/packed.h"
#include "catch.h"
#include "generalizer/extra_labels.h"
#include "generalizer/random.h"
#include "places.h"
#include "plugin/loader.h"

namespace generalizer::testing {

/// Images of 1×4×4 in three classes: each is its class's own pattern with random numbers over it; nothing else ties them together.
class Patterns : public Dataset, public ExtraLabels {
 public:
  Patterns(std::int64_t size, std::uint64_t stream) : size_(size), random_(11, stream) {}

  std::int64_t size() const override { return size_; }
  Shape image_shape() const override { return {1, 4, 4}; }
  std::int64_t classes() const override { return 3; }
  std::int32_t label(std::int64_t index) const override { return static_cast<std::int32_t>(index % 3); }
  void read_image(std::int64_t index, std::span<float> image) const override {
    for (std::size_t i = 0; i < 16; ++i) {
      const double own = i % 3 == static_cast<std::size_t>(label(index)) ? 0.6 : 0.1;
      image[i] = static_cast<float>(own + 0.3 * random_.uniform(static_cast<std::uint64_t>(index) * 16 + i));
    }
  }
  /// Whether the image's first pixel is light for its class: what its class doesn't say.
  std::vector<LabelColumn> extra_labels() const override { return {{"light", 2}}; }
  std::int32_t extra_label(std::size_t, std::int64_t index) const override {
    return random_.uniform(static_cast<std::uint64_t>(index) * 16) > 0.5 ? 1 : 0;
  }

 private:
  std::int64_t size_;
  Philox random_;
};

/// With the dataset type "patterns" of 300 training and 150 test images.
inline const Registry& registry() {
  static const std::unique_ptr<Registry> loaded = [] {
    auto made = std::make_unique<Registry>();
    load_folder(plugin_folder(), *made);
    DatasetType type;
    type.name = "patterns";
    type.summary = "Made images for tests.";
    type.parameters = {parameter("train", {ParameterType::integer}, std::int64_t{300}, "Images to train on.")};
    type.open = [](const Parameters& parameters, Split split) -> std::unique_ptr<Dataset> {
      return std::make_unique<Patterns>(split == Split::train ? parameters.integer("train") : 150, split == Split::train ? 1 : 2);
    };
    made->add_dataset(std::move(type));
    return made;
  }();
  return *loaded;
}

/// A graph whose tap is the image itself, in 16 numbers; its decoder learns nothing of note in so few steps.
inline constexpr const char* kGraph = R"(
name = "patterns"
backend = "onednn"
[data]
type = "patterns"
[train]
epochs = 2
batch = 32
pictures = 0
[classifier]
loss = "cross_entropy"
optimizer = { type = "adam", learning_rate = 0.01 }
layers = [
  { name = "pixels", type = "flatten" },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "own"
tap = "pixels"
loss = "mse"
weight = 1.0
optimizer = { type = "adam", learning_rate = 0.01 }
layers = [
  { name = "guess", type = "dense", units = 16, activation = "sigmoid" },
  { name = "image", type = "reshape", shape = [1, 4, 4] },
]
)";

inline GraphSpec graph(const std::vector<Override>& overrides = {}) {
  return parse_graph(kGraph, "patterns.toml", "/", registry(), overrides);
}

/// Linear, and quick on so few numbers.
inline constexpr const char* kQuickAttacker = R"(
name = "quick"
epochs = 20
optimizer = { type = "adam", learning_rate = 0.02, schedule = { type = "cosine" } }
layers = [ { type = "flatten" }, { type = "dense", units = 16 }, { type = "reshape", shape = [1, 4, 4] } ]
)";

inline Attacker quick_attacker() { return read_attacker({kQuickAttacker, "quick.toml", "/"}, registry()); }

inline AuditImages images() {
  AuditImages result;
  result.train = std::make_shared<Patterns>(300, 1);
  result.test = std::make_shared<Patterns>(150, 2);
  result.train_pixels = pixels_of(*result.train, {});
  result.test_pixels = pixels_of(*result.test, {});
  result.parts = fit_parts(300, 0);
  return result;
}

/// A representation made by hand: `of` says what is handed out of an image.
template <class Function>
AttackedRepresentation by_hand(const AuditImages& images, const Function& of) {
  const auto make = [&](const Dataset& data, const Representation& pixels) {
    auto result = std::make_shared<Representation>();
    for (std::int64_t i = 0; i < data.size(); ++i) {
      const std::vector<float> row = of(data.label(i), std::span(pixels.values).subspan(static_cast<std::size_t>(i) * 16, 16));
      result->shape = {static_cast<std::int64_t>(row.size())};
      result->values.insert(result->values.end(), row.begin(), row.end());
    }
    return result;
  };
  const auto train = make(*images.train, images.train_pixels);
  const auto test = make(*images.test, images.test_pixels);
  const Standardization by(*train, images.parts.fitted);
  by.apply(*train);
  by.apply(*test);
  return {{train}, test, by.constant_units()};
}

inline AttackResult attack_by_hand(const AuditImages& images, const AttackedRepresentation& representation, std::int64_t seeds = 1) {
  AttackSettings settings;
  settings.seeds = seeds;
  settings.batch = 30;
  settings.patience = 60;
  return attack(quick_attacker(), representation, images, graph(), settings, registry());
}

}  // namespace generalizer::testing
