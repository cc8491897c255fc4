#pragma once

#include <string>
#include <vector>

#include "trainer/checkpoint.h"

namespace generalizer {

/// What the trainer moves from step to step, as schedules say: each player's learning rate, and the weights of decoders' losses in the classifier's.
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
  /// Fills in the weights that move, likewise.
  void fill_weights(EpochMetrics& metrics, const TrainingState& state) const;

 private:
  struct Moved {
    std::string variable;  ///< "PLAYER/learning_rate", "DECODER/weight"
    std::string watch;     ///< "schedule/PLAYER", "weight/DECODER"
    ScheduleSpec schedule;
    double whole;    ///< what the schedule's factor multiplies
    double current;  ///< on the device; no number before the first step
    bool constant() const { return schedule.kind == ScheduleSpec::Kind::constant && schedule.warmup == 0.0; }
  };
  void add_weight(const DecoderSpec& decoder);
  double value_of(const Moved& moved, const TrainingState& state, std::int64_t step) const;

  Network& network_;
  double total_epochs_;
  double step_size_;  ///< one step in epochs
  std::vector<Moved> moved_;  ///< the classifier's learning rate first
};

}  // namespace generalizer
