#include "trainer/rates.h"

#include <cmath>
#include <limits>

#include "trainer/schedule.h"

namespace generalizer {

LearningRates::LearningRates(Network& network, std::int64_t total_steps, std::int64_t steps_per_epoch)
    : network_(network),
      total_epochs_(static_cast<double>(total_steps) / static_cast<double>(steps_per_epoch)),
      step_size_(1.0 / static_cast<double>(steps_per_epoch)) {
  constexpr double none = std::numeric_limits<double>::quiet_NaN();
  const GraphSpec& spec = network.graph().spec();
  const auto add = [&](const std::string& name, const OptimizerSpec& optimizer) {
    players_.push_back({name + "/learning_rate", "schedule/" + name, &optimizer, none});
  };
  add("classifier", spec.classifier.optimizer);
  for (const DecoderSpec& decoder : spec.decoders) add(decoder.name.text, decoder.optimizer);
}

double LearningRates::rate_of(const PlayerRate& player, const TrainingState& state, std::int64_t step) const {
  const double epochs = static_cast<double>(step) * step_size_;
  const double rate = player.optimizer->parameters.number("learning_rate") *
                      schedule_factor(player.optimizer->schedule, epochs, total_epochs_, step_size_);
  const auto watch = state.watches.find(player.watch);
  return watch == state.watches.end() ? rate : rate * watch->second.factor;
}

double LearningRates::classifier_before(const TrainingState& state) const {
  return rate_of(players_.front(), state, state.step - 1);
}

void LearningRates::set(const TrainingState& state) {
  for (PlayerRate& player : players_) {
    if (player.constant() && !std::isnan(player.rate)) continue;
    const double rate = rate_of(player, state, state.step);
    if (rate == player.rate) continue;
    network_.set_scalar(player.variable, rate);
    player.rate = rate;
  }
}

bool LearningRates::epoch_done(const EpochMetrics& metrics, TrainingState& state) const {
  bool dropped = false;
  for (const PlayerRate& player : players_) {
    const ScheduleSpec& schedule = player.optimizer->schedule;
    if (schedule.kind != ScheduleSpec::Kind::reduce_on_plateau) continue;
    if (falls_on_plateau(state.watches[player.watch], metrics, schedule)) dropped = true;
  }
  return dropped;
}

}  // namespace generalizer
