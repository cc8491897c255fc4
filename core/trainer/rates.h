#pragma once

#include <string>
#include <vector>

#include "trainer/checkpoint.h"

namespace generalizer {

/// Each player's learning rate from step to step, as its schedule says.
class LearningRates {
 public:
  /// `total_steps` and `steps_per_epoch` are the classifier's.
  LearningRates(Network& network, std::int64_t total_steps, std::int64_t steps_per_epoch);

  /// Gives the device the rates of the step that comes after `state`; only those that change.
  void set(const TrainingState& state);
  /// After an epoch: drops the rates whose figure has not improved for long enough. True when one was.
  bool epoch_done(const EpochMetrics& metrics, TrainingState& state) const;
  /// The classifier's, in the last step before `state`.
  double classifier_before(const TrainingState& state) const;

 private:
  struct PlayerRate {
    std::string variable;  ///< "PLAYER/learning_rate"
    std::string watch;     ///< "schedule/PLAYER"
    const OptimizerSpec* optimizer;
    double rate;  ///< on the device; no number before the first step
    bool constant() const {
      return optimizer->schedule.kind == ScheduleSpec::Kind::constant && optimizer->schedule.warmup == 0.0;
    }
  };
  double rate_of(const PlayerRate& player, const TrainingState& state, std::int64_t step) const;

  Network& network_;
  double total_epochs_;
  double step_size_;  ///< one step in epochs
  std::vector<PlayerRate> players_;
};

}  // namespace generalizer
