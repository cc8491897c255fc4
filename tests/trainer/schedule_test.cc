// Schedules against their formulas and against PyTorch's schedulers: tests/golden/schedules.py made schedules.json.
#include "places.h"
#include "trainer/schedule.h"

#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "trainer/watch.h"

using namespace generalizer;

namespace {

using Kind = ScheduleSpec::Kind;

ScheduleSpec schedule(Kind kind) {
  ScheduleSpec result;
  result.kind = kind;
  return result;
}

EpochMetrics with_validation(std::int64_t epoch, double loss, double accuracy) {
  EpochMetrics metrics;
  metrics.epoch = epoch;
  metrics.validation = {loss, accuracy};
  return metrics;
}

}  // namespace

TEST_CASE("schedules give PyTorch's learning rates") {
  std::ifstream stream(project_folder() + "/tests/golden/schedules.json");
  const nlohmann::json golden = nlohmann::json::parse(stream);
  const auto total = golden.at("steps").get<double>();
  const auto check = [&](const char* name, const ScheduleSpec& spec) {
    INFO(name);
    double step = 0.0;
    for (const auto& factor : golden.at(name)) {
      CHECK(schedule_factor(spec, step, total, 1.0) == Approx(factor.get<double>()).margin(1e-12));
      ++step;
    }
  };
  ScheduleSpec drops = schedule(Kind::step);
  drops.every = 3.0;
  drops.factor = 0.5;
  check("step", drops);
  drops.at = {2.0, 7.0};
  check("milestones", drops);
  ScheduleSpec cosine = schedule(Kind::cosine);
  cosine.minimum = 0.1;
  check("cosine", cosine);
  ScheduleSpec cycle = schedule(Kind::one_cycle);
  cycle.peak = 0.25;
  cycle.start = 0.04;
  cycle.minimum = 0.001;
  check("one_cycle", cycle);
  ScheduleSpec warm = schedule(Kind::constant);
  warm.warmup = 4.0;
  check("warmup", warm);
}

TEST_CASE("a learning rate falls on the plateaus on which PyTorch's does, and never below its minimum") {
  std::ifstream stream(project_folder() + "/tests/golden/schedules.json");
  const nlohmann::json golden = nlohmann::json::parse(stream);
  ScheduleSpec plateau = schedule(Kind::reduce_on_plateau);
  plateau.factor = 0.3;
  plateau.patience = 2;
  plateau.minimum_change = 0.05;
  plateau.minimum = 0.02;
  plateau.monitor = "validation/loss";
  WatchState watch;
  for (std::size_t i = 0; i < golden.at("losses").size(); ++i) {
    INFO("epoch " << i + 1);
    const double before = watch.factor;
    const double loss = golden.at("losses")[i].get<double>();
    const bool fell = falls_on_plateau(watch, with_validation(static_cast<std::int64_t>(i) + 1, loss, 0.5), plateau);
    CHECK(watch.factor == Approx(golden.at("plateau")[i].get<double>()).margin(1e-12));
    CHECK(fell == (watch.factor < before));
  }
  CHECK(watch.factor == 0.02);
}

TEST_CASE("one_cycle goes from its start over 1 to its minimum") {
  ScheduleSpec cycle = schedule(Kind::one_cycle);
  cycle.peak = 0.25;
  cycle.start = 0.04;
  cycle.minimum = 0.001;
  CHECK(schedule_factor(cycle, 0.0, 8.0, 0.1) == Approx(0.04));
  CHECK(schedule_factor(cycle, 1.0, 8.0, 0.1) == Approx(0.52));  // halfway up
  CHECK(schedule_factor(cycle, 2.0, 8.0, 0.1) == Approx(1.0));
  CHECK(schedule_factor(cycle, 5.0, 8.0, 0.1) == Approx(0.5005));  // halfway down
  CHECK(schedule_factor(cycle, 8.0, 8.0, 0.1) == Approx(0.001));
}

TEST_CASE("a cosine begins when the warm-up is over") {
  ScheduleSpec cosine = schedule(Kind::cosine);
  cosine.warmup = 2.0;
  CHECK(schedule_factor(cosine, 0.0, 10.0, 0.5) == Approx(0.25));
  CHECK(schedule_factor(cosine, 1.5, 10.0, 0.5) == Approx(1.0));
  CHECK(schedule_factor(cosine, 2.0, 10.0, 0.5) == Approx(1.0));
  CHECK(schedule_factor(cosine, 6.0, 10.0, 0.5) == Approx(0.5));
}

TEST_CASE("a watched loss improves by falling, an accuracy by rising, each by more than the least change") {
  WatchState loss;
  CHECK(improves(loss, with_validation(1, 1.0, 0.5), "validation/loss", 0.1));
  CHECK_FALSE(improves(loss, with_validation(2, 0.95, 0.5), "validation/loss", 0.1));
  CHECK_FALSE(improves(loss, with_validation(3, 2.0, 0.5), "validation/loss", 0.1));
  CHECK(loss.waiting == 2);
  CHECK(improves(loss, with_validation(4, 0.8, 0.5), "validation/loss", 0.1));
  CHECK(loss.waiting == 0);
  CHECK(loss.best_epoch == 4);
  WatchState accuracy;
  CHECK(improves(accuracy, with_validation(1, 1.0, 0.5), "validation/accuracy", 0.0));
  CHECK_FALSE(improves(accuracy, with_validation(2, 0.5, 0.5), "validation/accuracy", 0.0));
  CHECK(improves(accuracy, with_validation(3, 0.5, 0.6), "validation/accuracy", 0.0));
  CHECK_FALSE(figure_of(with_validation(1, 1, 1), "validation/nobody"));
}
