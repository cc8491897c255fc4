#pragma once

#include <cstdint>
#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>

namespace generalizer {

/// Of the classifier over one pass: means over images.
struct ClassifierMetrics {
  std::optional<double> loss;      ///< its own loss, without the decoders' terms
  std::optional<double> accuracy;  ///< share of images whose largest logit is the label's
};

/// Of one decoder over one pass: means over images of its own loss.
struct DecoderMetrics {
  std::optional<double> train_loss;  ///< in its own steps; none when it did none in this epoch
  std::optional<double> validation_loss;  ///< none without [data] validation
  std::optional<double> test_loss;
  std::optional<double>
      mean_image_loss;  ///< of answering the mean training image to every test image: what knowing nothing costs (mse on "image" only)
  std::optional<double> weight;      ///< of its loss in the classifier's, at the epoch's last step; where a warm-up or a schedule moves it
  std::optional<double> dead_units;  ///< share of its tap's units with one value for a batch of training images; where there are any
  bool never_trained = false;  ///< it has done no step since the run began: its `every` is more than the steps so far
};

/// One line of metrics.jsonl.
struct EpochMetrics {
  std::int64_t epoch = 0;  ///< from 1
  std::int64_t step = 0;   ///< classifier steps done since the run began
  double seconds = 0;      ///< of this epoch's training, evaluation apart
  double images_per_second = 0;
  double step_ms_median = 0;  ///< of one alternation: classifier step, decoder steps due, their input copies
  std::optional<double> learning_rate;  ///< the classifier's, at the epoch's last step
  ClassifierMetrics train;
  ClassifierMetrics validation;  ///< empty without [data] validation
  ClassifierMetrics test;
  std::map<std::string, DecoderMetrics> decoders;
};

nlohmann::json to_json(const EpochMetrics& metrics);
EpochMetrics metrics_from_json(const nlohmann::json& json);

}  // namespace generalizer
