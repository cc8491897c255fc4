#include <algorithm>
#include <cmath>

#include "small_training.h"
#include "support/cpu_backends.h"

using namespace generalizer;
using namespace generalizer::testing;

namespace {

const std::vector<Override> validated{{"data.validation=0.25"}, {"train.epochs=6"}};

TrainingResult run(const std::filesystem::path& out, const GraphSpec& spec,
                   std::function<bool()> stop_requested = {}) {
  TrainingOptions options;
  options.out = out.string();
  options.stop_requested = std::move(stop_requested);
  TrainingObserver observer;
  return train(spec, registry(), options, observer);
}

TrainingResult go_on(const std::filesystem::path& out) {
  TrainingObserver observer;
  return resume(out.string(), 0, registry(), {}, observer);
}

}  // namespace

TEST_CASE("a training of so many steps ends with them, in a short epoch") {
  const TemporaryFolder folder;
  const TrainingResult whole = run(folder.path() / "whole", graph({{"train.epochs=2"}}));
  const std::int64_t per_epoch = whole.epochs.front().step;
  GraphSpec spec = graph();
  spec.train.steps = per_epoch + 2;
  const TrainingResult result = run(folder.path() / "steps", spec);
  REQUIRE(result.epochs.size() == 2);
  CHECK(result.epochs.back().step == per_epoch + 2);
  CHECK(result.epochs.front().test.loss == whole.epochs.front().test.loss);
}

TEST_CASE("images kept for validation have figures of their own") {
  const TemporaryFolder folder;
  const TrainingResult result = run(folder.path() / "run", graph(validated));
  for (const EpochMetrics& metrics : result.epochs) {
    REQUIRE(metrics.validation.loss);
    CHECK(metrics.decoders.at("near").validation_loss);
    CHECK(metrics.learning_rate == 0.01);
  }
  const EpochMetrics read = RunFolder::open((folder.path() / "run").string()).read_metrics().back();
  CHECK(read.validation.loss == result.epochs.back().validation.loss);
  CHECK(read.decoders.at("near").validation_loss == result.epochs.back().decoders.at("near").validation_loss);
}

TEST_CASE("a schedule moves the learning rate that each step is taken with") {
  const TemporaryFolder folder;
  GraphSpec spec = graph({{"train.epochs=4"}});
  spec.classifier.optimizer.schedule.kind = ScheduleSpec::Kind::step;
  spec.classifier.optimizer.schedule.every = 2.0;
  spec.classifier.optimizer.schedule.factor = 0.5;
  const TrainingResult result = run(folder.path() / "run", spec);
  CHECK(result.epochs[0].learning_rate == 0.01);
  CHECK(result.epochs[1].learning_rate == 0.01);
  CHECK(result.epochs[2].learning_rate == 0.005);
  CHECK(result.epochs[3].learning_rate == 0.005);
}

TEST_CASE("a training that no longer improves stops, and the best weights are its newest checkpoint's") {
  const TemporaryFolder folder;
  // Nothing improves by so much: epoch 1 is the best, and two more are waited for.
  GraphSpec spec = graph(validated);
  spec.train.early_stopping = EarlyStoppingSpec{"validation/loss", 2, 1000.0, true};
  spec.train.best_by = "validation/accuracy";
  const TrainingResult result = run(folder.path() / "run", spec);
  CHECK(result.end == TrainingEnd::stopped_early);
  CHECK(result.epochs.size() == 3);
  CHECK(result.reason.find("validation/loss has not improved since epoch 1") != std::string::npos);
  double best = 0.0;
  std::int64_t best_epoch = 0;
  for (const EpochMetrics& metrics : result.epochs) {
    if (*metrics.validation.accuracy <= best) continue;
    best = *metrics.validation.accuracy;
    best_epoch = metrics.epoch;
  }
  const std::string run_folder = (folder.path() / "run").string();
  LoadedRun kept = load_run(run_folder, registry(), {}, "best");
  CHECK(kept.epoch == best_epoch);
  CHECK(evaluate_run(kept, registry()).test.loss == result.epochs[static_cast<std::size_t>(best_epoch - 1)].test.loss);
  LoadedRun newest = load_run(run_folder, registry());
  CHECK(evaluate_run(newest, registry()).test.loss == evaluate_run(kept, registry()).test.loss);
  CHECK(go_on(folder.path() / "run").end == TrainingEnd::stopped_early);  // and trains no further
}

TEST_CASE("what was watched goes on over a stop as if there had been none") {
  std::vector<Override> overrides = validated;
  overrides.push_back({"backend=" + GENERATE(from_range(test::cpu_backends()))});
  GraphSpec spec = graph(overrides);
  spec.train.best_by = "validation/loss";
  spec.train.early_stopping = EarlyStoppingSpec{"validation/near", 4, 0.0, false};
  spec.classifier.optimizer.schedule.kind = ScheduleSpec::Kind::reduce_on_plateau;
  spec.classifier.optimizer.schedule.patience = 1;
  spec.classifier.optimizer.schedule.minimum_change = 1000.0;  // nothing but the first epoch improves
  spec.classifier.optimizer.schedule.monitor = "validation/loss";
  spec.decoders[0].optimizer.schedule.kind = ScheduleSpec::Kind::cosine;
  const TemporaryFolder folder;
  const TrainingResult whole = run(folder.path() / "whole", spec);
  CHECK(whole.epochs.back().learning_rate < 0.01);  // it fell on a plateau
  for (const int steps : {5, 11}) {
    const std::filesystem::path out = folder.path() / ("cut" + std::to_string(steps));
    CHECK(run(out, spec, after(steps)).end == TrainingEnd::interrupted);
    const TrainingResult resumed = go_on(out);
    REQUIRE(resumed.epochs.size() == whole.epochs.size());
    for (std::size_t i = 0; i < whole.epochs.size(); ++i) {
      CHECK(resumed.epochs[i].test.loss == whole.epochs[i].test.loss);
      CHECK(resumed.epochs[i].learning_rate == whole.epochs[i].learning_rate);
    }
    const auto checkpoints = [](const std::filesystem::path& path) { return path / "checkpoints"; };
    for (const auto& file : checkpoints_of(checkpoints(folder.path() / "whole")))
      CHECK(slurp(file) == slurp(checkpoints(out) / file.filename()));
    CHECK(slurp(checkpoints(folder.path() / "whole") / "best.safetensors") ==
          slurp(checkpoints(out) / "best.safetensors"));
  }
}

TEST_CASE("a run without a best checkpoint says how to keep one") {
  const TemporaryFolder folder;
  run(folder.path() / "run", graph({{"train.epochs=1"}}));
  CHECK_THROWS_WITH(load_run((folder.path() / "run").string(), registry(), {}, "best"),
                    Catch::Contains("has kept no best checkpoint. Train with [train] best_by"));
}

namespace {

std::filesystem::path newest_of(const std::filesystem::path& run) {
  return checkpoints_of(run / "checkpoints").front();
}

struct Listener : TrainingObserver {
  std::vector<TrainingProgress> seen;
  std::vector<std::string> warnings;
  std::vector<BestEpoch> best;
  std::vector<std::string> saved_files;
  void saved(const std::string& file) override { saved_files.push_back(file); }
  void progress(const TrainingProgress& progress) override { seen.push_back(progress); }
  void warning(const std::string& message) override { warnings.push_back(message); }
  void best_so_far(const BestEpoch& epoch) override { best.push_back(epoch); }
};

TrainingResult run(const std::filesystem::path& out, const GraphSpec& spec, Listener& listener) {
  TrainingOptions options;
  options.out = out.string();
  return train(spec, registry(), options, listener);
}

}  // namespace

TEST_CASE("a training of so many steps, stopped in its short last epoch, goes on to the same bytes") {
  const TemporaryFolder folder;
  GraphSpec spec = graph({{"backend=" + GENERATE(from_range(test::cpu_backends()))}});
  spec.train.steps = 10;  // one epoch of 7, and 3 more
  spec.classifier.optimizer.schedule.kind = ScheduleSpec::Kind::cosine;
  run(folder.path() / "whole", spec);
  for (const int steps : {7, 9}) {
    const std::filesystem::path out = folder.path() / ("cut" + std::to_string(steps));
    CHECK(run(out, spec, after(steps)).end == TrainingEnd::interrupted);
    CHECK(go_on(out).by_steps);
    check_equal_runs(folder.path() / "whole", out);
  }
}

TEST_CASE("progress in a short last epoch counts the steps that it has") {
  const TemporaryFolder folder;
  GraphSpec spec = graph();
  spec.train.steps = 10;
  Listener first;
  run(folder.path() / "run", spec, first);
  REQUIRE(!first.seen.empty());  // the first step is always said
  CHECK(first.seen[0].epochs == 2);
  CHECK(first.seen[0].steps == 7);
  run(folder.path() / "cut", spec, after(8));
  Listener second;
  resume((folder.path() / "cut").string(), 0, registry(), {}, second);
  REQUIRE(!second.seen.empty());
  CHECK(second.seen[0].epoch == 2);
  CHECK(second.seen[0].step >= 1);
  CHECK(second.seen[0].steps == 3);
}

TEST_CASE("epochs are refused for a run that trains for steps, and nothing changes") {
  const TemporaryFolder folder;
  GraphSpec spec = graph();
  spec.train.steps = 3;
  run(folder.path() / "run", spec);
  const std::string before = slurp(folder.path() / "run" / "graph.toml");
  TrainingObserver observer;
  CHECK_THROWS_WITH(resume((folder.path() / "run").string(), 9, registry(), {}, observer),
                    Catch::Contains("trains for 3 steps"));
  CHECK(slurp(folder.path() / "run" / "graph.toml") == before);
}

TEST_CASE("a training killed while it stops early stops early again, to the same best weights") {
  const TemporaryFolder folder;
  GraphSpec spec = graph(validated);
  spec.train.early_stopping = EarlyStoppingSpec{"validation/loss", 2, 1000.0, true};
  Listener listener;
  run(folder.path() / "run", spec, listener);
  // The last epoch's checkpoint is written once, with the best weights: there is no moment at which it holds others.
  CHECK(std::count(listener.saved_files.begin(), listener.saved_files.end(), listener.saved_files.back()) == 1);
  const std::filesystem::path last = newest_of(folder.path() / "run");
  const std::string whole = slurp(last);
  std::filesystem::remove(last);
  const TrainingResult again = go_on(folder.path() / "run");
  CHECK(again.end == TrainingEnd::stopped_early);
  CHECK(newest_of(folder.path() / "run") == last);
  CHECK(slurp(last) == whole);
}

TEST_CASE("without restore_best the newest checkpoint is the last epoch's") {
  const TemporaryFolder folder;
  GraphSpec spec = graph(validated);
  spec.train.early_stopping = EarlyStoppingSpec{"validation/loss", 2, 1000.0, false};
  const TrainingResult result = run(folder.path() / "run", spec);
  CHECK(result.end == TrainingEnd::stopped_early);
  CHECK(!result.best);
  LoadedRun newest = load_run((folder.path() / "run").string(), registry());
  CHECK(evaluate_run(newest, registry()).test.loss == result.epochs.back().test.loss);
}

TEST_CASE("a figure that no epoch has stops the training early and takes no weights away") {
  const TemporaryFolder folder;
  GraphSpec spec = graph();
  spec.train.epochs = 6;
  spec.decoders[1].every = 1000;  // so that "far" has no training loss
  spec.train.early_stopping = EarlyStoppingSpec{"train/far", 2, 0.0, true};
  Listener listener;
  const TrainingResult result = run(folder.path() / "run", spec, listener);
  CHECK(result.end == TrainingEnd::stopped_early);
  CHECK(result.epochs.size() == 2);
  CHECK(result.reason == "stopped early after epoch 2: no epoch has had a train/far to improve");
  CHECK(!result.best);
  LoadedRun newest = load_run((folder.path() / "run").string(), registry());
  const EpochMetrics again = evaluate_run(newest, registry());
  CHECK(again.test.loss == result.epochs.back().test.loss);
  REQUIRE(listener.warnings.size() == 1);
  CHECK_THAT(listener.warnings[0], Catch::Contains("\"far\" is never trained") && Catch::Contains("every 1000"));
  CHECK(again.decoders.at("far").never_trained);
  CHECK_FALSE(again.decoders.at("near").never_trained);
  CHECK(RunFolder::open(result.run).read_metrics().back().decoders.at("far").never_trained);
}

TEST_CASE("the best weights outlive the newest ones, and the training says which epoch has them") {
  const TemporaryFolder folder;
  GraphSpec spec = graph(validated);
  spec.train.keep_checkpoints = 1;
  spec.train.best_by = "validation/loss";
  Listener listener;
  const TrainingResult result = run(folder.path() / "run", spec, listener);
  REQUIRE(result.best);
  CHECK(result.best->figure == "validation/loss");
  const auto& best = result.epochs.at(static_cast<std::size_t>(result.best->epoch - 1));
  CHECK(best.validation.loss == result.best->value);
  for (const EpochMetrics& metrics : result.epochs) CHECK(*metrics.validation.loss >= result.best->value);
  CHECK(listener.best.back().epoch == result.best->epoch);
  CHECK(checkpoints_of(folder.path() / "run" / "checkpoints").size() == 1);
  CHECK(load_run(result.run, registry(), {}, "best").epoch == result.best->epoch);
  CHECK(load_run(result.run, registry(), {}, result.best->checkpoint).epoch == result.best->epoch);
}

TEST_CASE("a checkpoint that knows of no watched figures is read, as one that has seen none") {
  const TemporaryFolder folder;
  run(folder.path() / "run", graph({{"train.epochs=1"}}));
  const std::filesystem::path file = newest_of(folder.path() / "run");
  TensorFile checkpoint = read_safetensors(file);
  checkpoint.metadata["state"] = R"({"epoch": 1, "step_in_epoch": 0, "step": 7})";
  checkpoint.metadata.erase("crc32");
  write_safetensors(file, checkpoint);
  TrainingObserver observer;
  const TrainingResult result = resume((folder.path() / "run").string(), 2, registry(), {}, observer);
  CHECK(result.epochs.size() == 2);
}

TEST_CASE("evaluating a run with validation and label noise gives its last epoch's figures again") {
  const TemporaryFolder folder;
  const TrainingResult result =
      run(folder.path() / "run", graph({{"data.validation=0.25"}, {"data.label_noise=0.2"}, {"train.epochs=2"}}));
  LoadedRun loaded = load_run(result.run, registry());
  const EpochMetrics again = evaluate_run(loaded, registry());
  CHECK(again.test.loss == result.epochs.back().test.loss);
  CHECK(again.decoders.at("near").mean_image_loss == result.epochs.back().decoders.at("near").mean_image_loss);
}
