#include "trainer/trainer.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "small_training.h"
#include "support/cpu_backends.h"

using namespace generalizer;
using namespace generalizer::testing;
using Catch::Matchers::Contains;

TEST_CASE("the same seed twice gives the same bytes, another seed others") {
  const TemporaryFolder folder;
  const std::string backend = "backend=" + GENERATE(from_range(test::cpu_backends()));
  train_into(folder / "a", graph({{backend}}));
  train_into(folder / "b", graph({{backend}}));
  check_equal_runs(folder / "a", folder / "b");
  train_into(folder / "c", graph({{backend}, {"seed=4"}}));
  CHECK(slurp(checkpoints_of(folder / "a" / "checkpoints").front()) !=
        slurp(checkpoints_of(folder / "c" / "checkpoints").front()));
}

TEST_CASE("a run stopped at any step and resumed equals the uninterrupted run bit for bit") {
  const TemporaryFolder folder;
  const std::string backend = "backend=" + GENERATE(from_range(test::cpu_backends()));
  train_into(folder / "whole", graph({{backend}}));
  // In the middle of an epoch, at its last step, at the first of the next.
  for (const int steps : {1, 3, 6, 7, 8, 12}) {
    const auto run = folder / ("stopped-" + std::to_string(steps));
    CHECK(train_into(run, graph({{backend}}), after(steps)).end == TrainingEnd::interrupted);
    CHECK(resume_at(run).end == TrainingEnd::finished);
    INFO("stopped after " << steps << ", " << backend);
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

TEST_CASE("a run killed before its first checkpoint begins again, to the same bytes") {
  const TemporaryFolder folder;
  train_into(folder / "whole", graph());
  train_into(folder / "killed", graph());
  for (const auto& file : checkpoints_of(folder / "killed" / "checkpoints")) std::filesystem::remove(file);
  resume_at(folder / "killed");
  check_equal_runs(folder / "whole", folder / "killed");
}
