#include "trainer/trainer.h"

#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

#include "catch.h"
#include "plugin/loader.h"
#include "support/memory_dataset.h"
#include "support/temporary_folder.h"
#include "trainer/checkpoint.h"
#include "trainer/run_folder.h"
#include "trainer/safetensors.h"

using namespace generalizer;
using Catch::Matchers::Contains;
using generalizer::testing::TemporaryFolder;

namespace {

const Registry& registry() {
  static const std::unique_ptr<Registry> loaded = [] {
    auto made = std::make_unique<Registry>();
    load_folder(GENERALIZER_TEST_PLUGINS, *made);
    generalizer::testing::add_memory_dataset(*made);
    return made;
  }();
  return *loaded;
}

/// Everything with a state that could get lost: batch statistics, dropout, moments, two decoders with different turns, a smaller last batch.
constexpr const char* graph_text = R"(
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

GraphSpec graph(const std::vector<Override>& overrides = {}) {
  return parse_graph(graph_text, "small.toml", ".", registry(), overrides);
}

std::string slurp(const std::filesystem::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

TrainingResult train_into(const std::filesystem::path& out, const GraphSpec& spec,
                          const std::function<bool()>& stop = {}) {
  TrainingOptions options;
  options.out = out.string();
  options.stop_requested = stop;
  TrainingObserver observer;
  return train(spec, registry(), options, observer);
}

TrainingResult resume_at(const std::filesystem::path& run, TrainingObserver& observer,
                         std::int64_t epochs = 0) {
  return resume(run.string(), epochs, registry(), {}, observer);
}

TrainingResult resume_at(const std::filesystem::path& run) {
  TrainingObserver observer;
  return resume_at(run, observer);
}

std::function<bool()> after(int steps) {
  return [left = steps]() mutable { return --left == 0; };
}

/// Everything of a metrics line but the times.
std::string timeless(EpochMetrics metrics) {
  metrics.seconds = metrics.images_per_second = metrics.step_ms_median = 0;
  return to_json(metrics).dump();
}

void check_equal_runs(const std::filesystem::path& a, const std::filesystem::path& b) {
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

}  // namespace

TEST_CASE("a training leaves its run folder: graph, record, metrics, checkpoints, pictures, log") {
  const TemporaryFolder folder;
  const GraphSpec spec = graph();
  const TrainingResult result = train_into(folder / "run", spec);
  CHECK(result.end == TrainingEnd::finished);
  CHECK(read_graph((folder / "run" / "graph.toml").string(), registry()) == spec);
  const auto record = RunFolder::open((folder / "run").string()).read_record();
  CHECK(record.at("backend") == "reference");
  CHECK(record.at("seed") == 3);
  CHECK(record.at("startup_seconds").get<double>() >= 0);
  for (int epoch = 1; epoch <= 3; ++epoch)
    CHECK(std::filesystem::exists(RunFolder::open(result.run).picture(epoch)));
  CHECK(std::filesystem::file_size(folder / "run" / "log.txt") > 0);
  CHECK(checkpoints_of(folder / "run" / "checkpoints").size() == 3);

  const auto epochs = RunFolder::open(result.run).read_metrics();
  REQUIRE(epochs.size() == 3);
  CHECK(epochs[0].step == 7);  // 50 images in batches of 8: six whole ones and one of 2
  CHECK(epochs[2].step == 21);
  CHECK(epochs[2].train.loss.value() < epochs[0].train.loss.value());
  CHECK(epochs[2].decoders.at("far").train_loss.value() < epochs[0].decoders.at("far").train_loss.value());
  CHECK(epochs[2].decoders.at("far").mean_image_loss == epochs[2].decoders.at("near").mean_image_loss);
}

TEST_CASE("the same seed twice gives the same bytes, another seed others") {
  const TemporaryFolder folder;
  train_into(folder / "a", graph());
  train_into(folder / "b", graph());
  check_equal_runs(folder / "a", folder / "b");
  train_into(folder / "c", graph({{"seed=4"}}));
  CHECK(slurp(checkpoints_of(folder / "a" / "checkpoints").front()) !=
        slurp(checkpoints_of(folder / "c" / "checkpoints").front()));
}

TEST_CASE("a run stopped at any step and resumed equals the uninterrupted run bit for bit") {
  const TemporaryFolder folder;
  train_into(folder / "whole", graph());
  // In the middle of an epoch, at its last step, at the first of the next.
  for (const int steps : {1, 3, 7, 8, 12}) {
    const auto run = folder / ("stopped-" + std::to_string(steps));
    CHECK(train_into(run, graph(), after(steps)).end == TrainingEnd::interrupted);
    CHECK(resume_at(run).end == TrainingEnd::finished);
    INFO("stopped after " << steps);
    check_equal_runs(folder / "whole", run);
  }
}

TEST_CASE("stopping again and again equals one long run") {
  const TemporaryFolder folder;
  train_into(folder / "whole", graph());
  TrainingEnd end = train_into(folder / "run", graph(), after(2)).end;
  while (end == TrainingEnd::interrupted) {
    TrainingOptions options;
    options.stop_requested = after(4);
    TrainingObserver observer;
    end = resume((folder / "run").string(), 0, registry(), options, observer).end;
  }
  check_equal_runs(folder / "whole", folder / "run");
}

TEST_CASE(
    "a run killed after an epoch goes on from that epoch's checkpoint, and what came after is measured "
    "again") {
  const TemporaryFolder folder;
  train_into(folder / "whole", graph());
  train_into(folder / "killed", graph());
  // As if the process had died after writing the third epoch's metrics and before its checkpoint.
  std::filesystem::remove(checkpoints_of(folder / "killed" / "checkpoints").front());
  resume_at(folder / "killed");
  check_equal_runs(folder / "whole", folder / "killed");
}

TEST_CASE("a damaged newest checkpoint is named and passed over") {
  const TemporaryFolder folder;
  train_into(folder / "whole", graph());
  train_into(folder / "run", graph());
  const auto newest = checkpoints_of(folder / "run" / "checkpoints").front();
  std::filesystem::resize_file(newest, std::filesystem::file_size(newest) / 2);

  struct Listener : TrainingObserver {
    std::string heard;
    void warning(const std::string& message) override { heard = message; }
  } listener;
  resume_at(folder / "run", listener);
  CHECK_THAT(listener.heard, Contains(newest.string()) && Contains("damaged") && Contains("passed over"));
  check_equal_runs(folder / "whole", folder / "run");
}

TEST_CASE("a finished run goes on when more epochs are asked for") {
  const TemporaryFolder folder;
  train_into(folder / "five", graph({{"train.epochs=5"}}));
  train_into(folder / "run", graph());
  TrainingObserver observer;
  const TrainingResult result = resume_at(folder / "run", observer, 5);
  CHECK(result.epochs.size() == 5);
  check_equal_runs(folder / "five", folder / "run");
}

TEST_CASE("only the newest checkpoints are kept") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph({{"train.keep_checkpoints=1"}}));
  CHECK(checkpoints_of(folder / "run" / "checkpoints").size() == 1);
}

TEST_CASE("a loss that turns into no number stops the run, says where, and keeps the last good weights") {
  const TemporaryFolder folder;
  // A learning rate that throws the weights so far that the next forward pass overflows.
  const GraphSpec spec = graph({{"classifier.optimizer.learning_rate=1e30"}, {"train.epochs=20"}});
  std::string message = "nothing was thrown";
  try {
    train_into(folder / "run", spec);
  } catch (const TrainingError& error) {
    message = error.what();
  }
  CHECK_THAT(message, Contains("is no number at step") && Contains("layer \"") &&
                          Contains("The last good weights, of step"));
  // What was kept is finite, to the last number.
  const auto kept = checkpoints_of(folder / "run" / "checkpoints");
  REQUIRE(!kept.empty());
  for (const NamedTensor& tensor : read_safetensors(kept.front()).tensors) {
    if (tensor.type.dtype != DType::f32) continue;
    for (std::size_t at = 0; at < tensor.bytes.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, tensor.bytes.data() + at, sizeof value);
      REQUIRE(std::isfinite(value));
    }
  }
}

TEST_CASE("a folder that holds a run is not written over") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph());
  CHECK_THROWS_WITH(train_into(folder / "run", graph()),
                    Contains("already holds a run") && Contains("--resume"));
}

TEST_CASE("an output folder that can't be made is named with the reason") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "in the way";
  CHECK_THROWS_WITH(train_into(folder / "file" / "run", graph()),
                    Contains((folder / "file" / "run").string()) && Contains("--out"));
}

TEST_CASE("a graph that doesn't fit its data leaves no run folder behind") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(train_into(folder / "run", graph({{"classifier.layers.logits.units=2"}})), GraphError);
  CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("a last batch that the network can't take is refused before training") {
  const TemporaryFolder folder;
  // 49 images in batches of 8 leave one, and batch normalisation of one number a channel has no variance.
  std::string text = graph_text;
  const std::string dropout = R"(type = "dropout", rate = 0.25)";
  text.replace(text.find(dropout), dropout.size(), R"(type = "batch_norm")");
  const GraphSpec spec = parse_graph(text, "small.toml", ".", registry(), {{"data.train=49"}});
  CHECK_THROWS_WITH(train_into(folder / "run", spec), Contains("small.toml:") && Contains("drop"));
  CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("evaluating a run gives the last epoch's test metrics again") {
  const TemporaryFolder folder;
  const TrainingResult result = train_into(folder / "run", graph());
  LoadedRun run = load_run(result.run, registry());
  const EpochMetrics again = evaluate_run(run, registry());
  const EpochMetrics& last = result.epochs.back();
  CHECK(again.epoch == 3);
  CHECK(again.test.loss == last.test.loss);
  CHECK(again.test.accuracy == last.test.accuracy);
  CHECK(again.decoders.at("near").test_loss == last.decoders.at("near").test_loss);
  CHECK(again.decoders.at("near").mean_image_loss == last.decoders.at("near").mean_image_loss);
}

TEST_CASE("evaluation drops nothing and counts nothing twice") {
  const TemporaryFolder folder;
  const TrainingResult result = train_into(folder / "run", graph());
  LoadedRun run = load_run(result.run, registry());
  const auto data = open_dataset(run.network->graph().spec(), registry(), Split::test);
  // 20 images: in one batch, in batches of 7 (7, 7, 6), one by one.
  const auto whole = Evaluator(*run.network, 20).run(*data);
  for (const std::int64_t batch : {7, 1}) {
    const auto parts = Evaluator(*run.network, batch).run(*data);
    CHECK(parts.classifier.accuracy.value() == whole.classifier.accuracy.value());
    CHECK(parts.classifier.loss.value() == Approx(whole.classifier.loss.value()).epsilon(1e-6));
    CHECK(parts.decoder_losses.at("near") == Approx(whole.decoder_losses.at("near")).epsilon(1e-6));
  }
}

TEST_CASE("predictions don't depend on the batch they come in") {
  const TemporaryFolder folder;
  const TrainingResult result = train_into(folder / "run", graph());
  LoadedRun run = load_run(result.run, registry());
  const auto data = open_dataset(run.network->graph().spec(), registry(), Split::test);
  std::vector<float> images(2 * 36);
  data->read_image(0, std::span(images).first(36));
  data->read_image(1, std::span(images).last(36));
  const auto both = Predictor(*run.network, 2).run(images);
  const auto second = Predictor(*run.network, 1).run(std::span(images).last(36));
  REQUIRE(both.size() == 2);
  REQUIRE(both[1].probabilities.size() == 3);
  double sum = 0;
  for (std::size_t k = 0; k < 3; ++k) {
    sum += both[1].probabilities[k];
    CHECK(both[1].probabilities[k] == Approx(second[0].probabilities[k]).epsilon(1e-6));
  }
  CHECK(sum == Approx(1.0));
  CHECK(both[1].decoder_outputs.at("near").size() == 36);
}

TEST_CASE("the mean image of known data is what a decoder that knows nothing can answer") {
  // Over two images a and b, known from the same two: each differs from the mean by (a − b)/2, so the mse is mean((a − b)²)/4.
  const generalizer::testing::MemoryDataset data(2, 1);
  std::vector<float> a(36);
  std::vector<float> b(36);
  data.read_image(0, a);
  data.read_image(1, b);
  double expected = 0;
  for (std::size_t i = 0; i < 36; ++i)
    expected += std::pow(static_cast<double>(a[i]) - static_cast<double>(b[i]), 2) / 4.0 / 36.0;
  CHECK(mean_image_mse(data, data) == Approx(expected).epsilon(1e-9));
}
