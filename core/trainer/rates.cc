#include "trainer/rates.h"

#include <cmath>
#include <limits>
#include <string_view>

#include "trainer/schedule.h"

namespace generalizer {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();
constexpr std::string_view kWeight = "weight/";

}  // namespace

LearningRates::LearningRates(Network& network, std::int64_t total_steps, std::int64_t steps_per_epoch)
    : network_(network),
      total_epochs_(static_cast<double>(total_steps) / static_cast<double>(steps_per_epoch)),
      step_size_(1.0 / static_cast<double>(steps_per_epoch)) {
  const GraphSpec& spec = network.graph().spec();
  const auto add = [&](const std::string& name, const OptimizerSpec& optimizer) {
    moved_.push_back({name + "/learning_rate", "schedule/" + name, optimizer.schedule,
                      optimizer.parameters.number("learning_rate"), kNone});
  };
  add("classifier", spec.classifier.optimizer);
  for (const DecoderSpec& decoder : spec.decoders) add(decoder.name.text, decoder.optimizer);
  for (const DecoderSpec& decoder : spec.decoders) add_weight(decoder);
}

/// An ensemble has the weight of its first decoder.
void LearningRates::add_weight(const DecoderSpec& decoder) {
  const std::string variable = decoder.name.text + "/weight";
  if (!network_.session().variables().contains(variable)) return;
  ScheduleSpec schedule = decoder.schedule;
  schedule.warmup = decoder.warmup;
  moved_.push_back({variable, "weight/" + decoder.name.text, schedule, decoder.weight, kNone});
}

double LearningRates::value_of(const Moved& moved, const TrainingState& state, std::int64_t step) const {
  const double epochs = static_cast<double>(step) * step_size_;
  const double value = moved.whole * schedule_factor(moved.schedule, epochs, total_epochs_, step_size_);
  const auto watch = state.watches.find(moved.watch);
  return watch == state.watches.end() ? value : value * watch->second.factor;
}

double LearningRates::classifier_before(const TrainingState& state) const {
  return value_of(moved_.front(), state, state.step - 1);
}

void LearningRates::fill_weights(EpochMetrics& metrics, const TrainingState& state) const {
  for (const Moved& moved : moved_) {
    if (!moved.watch.starts_with(kWeight)) continue;
    metrics.decoders[moved.watch.substr(kWeight.size())].weight = value_of(moved, state, state.step - 1);
  }
}

void LearningRates::set(const TrainingState& state) {
  for (Moved& moved : moved_) {
    if (moved.constant() && !std::isnan(moved.current)) continue;
    const double value = value_of(moved, state, state.step);
    // A player without anything to train has no rate.
    if (value == moved.current || !network_.session().variables().contains(moved.variable)) continue;
    network_.set_scalar(moved.variable, value);
    moved.current = value;
  }
}

bool LearningRates::epoch_done(const EpochMetrics& metrics, TrainingState& state) const {
  bool dropped = false;
  for (const Moved& moved : moved_) {
    if (moved.schedule.kind != ScheduleSpec::Kind::reduce_on_plateau) continue;
    if (falls_on_plateau(state.watches[moved.watch], metrics, moved.schedule)) dropped = true;
  }
  return dropped;
}

}  // namespace generalizer
