#include <cmath>

#include "small_training.h"

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
  GraphSpec spec = graph(validated);
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
