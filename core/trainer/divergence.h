#pragma once

#include <memory>
#include <string>
#include <vector>

#include "generalizer/dataset.h"
#include "trainer/network.h"

namespace generalizer {

/// The keys of [[decoder]] that hold back an adversary, as far as the graph doesn't use them yet, in a sentence; "" without a decoder whose sign is
/// negative.
std::string keys_that_help(const GraphSpec& spec);

/// How many training images are looked at after each epoch; 0 where there is nothing to watch.
std::int64_t images_watched(const GraphSpec& spec, const Dataset& train);

/// Watches, from epoch to epoch, for a training that has run off though every loss is a number. Without a decoder whose sign is negative it does nothing.
class Divergence {
 public:
  /// Both must live as long.
  Divergence(Network& network, const Dataset& train);

  /// Fills in the share of each tap's units that are dead: the same for every image of a batch of training images.
  void measure(EpochMetrics& metrics);

  /// What is wrong after an epoch, in sentences that say with which numbers and what helps; each cause only where no epoch before had it.
  /// - The accuracy on the training images has lost more than half of what the best epoch had above guessing, or is near guessing
  ///   in the first epoch, and on the test images after it.
  /// - At least nine tenths of a tap's units are dead.
  std::vector<std::string> after(const EpochMetrics& metrics, const std::vector<EpochMetrics>& before) const;

 private:
  std::vector<double> outputs(std::size_t index) const;

  Network& network_;
  std::vector<std::string> adversaries_;  ///< decoders
  std::unique_ptr<Executable> tapped_;    ///< null: nothing to watch
  std::int64_t images_ = 0;
  std::vector<std::byte> bytes_;  ///< of these images
};

}  // namespace generalizer
