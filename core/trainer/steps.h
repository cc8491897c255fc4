#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "trainer/batcher.h"
#include "trainer/network.h"

namespace generalizer {

/// How long a training is, in steps of the classifier.
struct TrainingLength {
  std::int64_t per_epoch = 0;
  std::int64_t steps = 0;  ///< in all: [train] `steps`, or `epochs` whole epochs
  /// The last one is short where `steps` is no whole number of epochs.
  std::int64_t epochs() const { return (steps + per_epoch - 1) / per_epoch; }
};
TrainingLength length_of(const TrainSpec& train, std::int64_t images);

/// A sentence for each decoder whose `every` is more than all steps of the training.
std::vector<std::string> decoders_never_due(const GraphSpec& spec, const TrainingLength& length);

/// The compiled steps of every player at every batch size that comes up (the full one, and a last smaller one), and the schedule between them.
class Alternation {
 public:
  explicit Alternation(Network& network) : network_(network) {}

  /// Classifier step `step` (counted from 1 over the whole run) on this batch, and after it a turn of each decoder whose `every` divides `step`: its
  /// `steps`, less the one of a decoder that learns with the classifier.
  void run(const Batch& batch, std::int64_t step);

  /// Compiles ahead what batches of this size need.
  void prepare(std::int64_t batch) { steps_for(batch); }

 private:
  struct Steps {
    std::unique_ptr<Executable> classifier;
    std::vector<std::unique_ptr<Executable>> decoders;
  };
  Steps& steps_for(std::int64_t batch);

  Network& network_;
  std::map<std::int64_t, Steps> steps_;
};

}  // namespace generalizer
