#pragma once

#include <fstream>
#include <functional>
#include <memory>
#include <sstream>
#include <string>

#include "catch.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/memory_dataset.h"
#include "support/temporary_folder.h"
#include "trainer/checkpoint.h"
#include "trainer/run_folder.h"
#include "trainer/trainer.h"

namespace generalizer::testing {

inline const Registry& registry() {
  static const std::unique_ptr<Registry> loaded = [] {
    auto made = std::make_unique<Registry>();
    load_folder(plugin_folder(), *made);
    add_memory_dataset(*made);
    return made;
  }();
  return *loaded;
}

/// Everything with a state that could get lost: batch statistics, dropout, moments, two decoders with different turns, a smaller last batch.
inline constexpr const char* graph_text = R"(
name = "small"
backend = "reference"
seed = 3
[data]
type = "memory"
[train]
epochs = 3
batch = 8
pictures = 4
[classifier]
loss = "cross_entropy"
optimizer = { type = "adam", learning_rate = 0.01 }
layers = [
  { name = "conv", type = "conv2d", filters = 4, kernel = 3 },
  { name = "norm", type = "batch_norm", activation = "relu" },
  { name = "flat", type = "flatten" },
  { name = "embedding", type = "dense", units = 8, activation = "relu" },
  { name = "drop", type = "dropout", rate = 0.25 },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "near"
tap = "embedding"
loss = "mse"
weight = 0.5
every = 1
optimizer = { type = "sgd", learning_rate = 0.1, momentum = 0.9 }
layers = [
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "image", type = "reshape", shape = [1, 6, 6] },
]
[[decoder]]
name = "far"
tap = "flat"
loss = "mse"
sign = "none"
every = 3
optimizer = { type = "adam", learning_rate = 0.01 }
layers = [
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "image", type = "reshape", shape = [1, 6, 6] },
]
)";

inline GraphSpec graph(const std::vector<Override>& overrides = {}) {
  return parse_graph(graph_text, "small.toml", ".", registry(), overrides);
}

inline std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

inline TrainingResult train_into(const std::filesystem::path& out, const GraphSpec& spec,
                                 const std::function<bool()>& stop = {}) {
  TrainingOptions options;
  options.out = out.string();
  options.stop_requested = stop;
  TrainingObserver observer;
  return train(spec, registry(), options, observer);
}

inline TrainingResult resume_at(const std::filesystem::path& run, TrainingObserver& observer,
                                std::int64_t epochs = 0) {
  return resume(run.string(), epochs, registry(), {}, observer);
}

inline TrainingResult resume_at(const std::filesystem::path& run) {
  TrainingObserver observer;
  return resume_at(run, observer);
}

inline std::function<bool()> after(int steps) {
  return [left = steps]() mutable { return --left == 0; };
}

/// Everything of a metrics line but the times.
inline std::string timeless(EpochMetrics metrics) {
  metrics.seconds = metrics.images_per_second = metrics.step_ms_median = 0;
  return to_json(metrics).dump();
}

inline void check_equal_runs(const std::filesystem::path& a, const std::filesystem::path& b) {
  const auto of = [](const std::filesystem::path& run) {
    return checkpoints_of(run / "checkpoints").front();
  };
  CHECK(of(a).filename() == of(b).filename());
  CHECK(slurp(of(a)) == slurp(of(b)));
  const auto metrics_a = RunFolder::open(a.string()).read_metrics();
  const auto metrics_b = RunFolder::open(b.string()).read_metrics();
  REQUIRE(metrics_a.size() == metrics_b.size());
  for (std::size_t i = 0; i < metrics_a.size(); ++i) CHECK(timeless(metrics_a[i]) == timeless(metrics_b[i]));
}

}  // namespace generalizer::testing
