#include "trainer/trainer.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "small_training.h"

using namespace generalizer;
using namespace generalizer::testing;
using Catch::Matchers::Contains;

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

TEST_CASE("only the newest checkpoints are kept") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph({{"train.keep_checkpoints=1"}}));
  CHECK(checkpoints_of(folder / "run" / "checkpoints").size() == 1);
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

TEST_CASE("a run keeps the class names that its data had, and is not measured on data of other ones") {
  const TemporaryFolder folder;
  const std::string run = (folder / "run").string();
  train_into(run, graph({{"train.epochs=1"}, {"data.names=[\"left\", \"middle\", \"right\"]"}}));
  LoadedRun loaded = load_run(run, registry());
  CHECK(loaded.class_names == std::vector<std::string>{"left", "middle", "right"});
  CHECK(evaluate_run(loaded, registry()).test.accuracy.has_value());

  std::string text = slurp(folder / "run" / "graph.toml");
  const std::string middle = "\"middle\", ";
  text.replace(text.find(middle), middle.size(), "");
  std::ofstream(folder / "run" / "graph.toml") << text;
  LoadedRun changed = load_run(run, registry());
  CHECK(changed.class_names.size() == 3);  // no dataset is opened for them
  const std::string complaint = "label 1 was \"middle\", and is \"right\" now (3 and 2 names)";
  CHECK_THROWS_WITH(evaluate_run(changed, registry()), Contains(complaint));
  CHECK_THROWS_WITH(resume_at(run), Contains(complaint));
}
