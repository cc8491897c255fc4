#pragma once

#include <optional>
#include <string>

#include "data/splits.h"
#include "trainer/network.h"

namespace generalizer {

/// Measures a network in training: what its steps have summed up in an epoch, and the validation and test images.
class Measurement {
 public:
  /// Both must live as long.
  Measurement(Network& network, const Splits& data) : network_(network), data_(data), evaluator_(network) {}

  /// Fills in the losses and accuracies; epoch, step, times and learning rate are the caller's, `metrics.step` given before.
  void fill(EpochMetrics& metrics);

 private:
  std::optional<double> mean_image_loss(const DecoderSpec& decoder);

  Network& network_;
  const Splits& data_;
  Evaluator evaluator_;
  std::optional<double> mean_image_mse_;  ///< the same in every epoch
};

/// Whether the loss of answering the mean image says something of this decoder: it recreates the image, by mse alone.
bool compares_with_mean_image(const DecoderSpec& decoder);

/// Whether a decoder has done no step of its own by classifier step `step`: its `every` is more than that.
bool never_trained(const Network& network, const DecoderSpec& decoder, std::int64_t step);

/// The first loss on images that were not trained on that is no number, in words: `the classifier's test loss`.
std::optional<std::string> loss_that_is_no_number(const EpochMetrics& metrics);

}  // namespace generalizer
