#include "trainer/metrics.h"

#include <nlohmann/json.hpp>

namespace generalizer {
namespace {

void put(nlohmann::json& json, const char* name, const std::optional<double>& value) {
  if (value) json[name] = *value;
}

std::optional<double> get(const nlohmann::json& json, const char* name) {
  const auto found = json.find(name);
  return found == json.end() || !found->is_number() ? std::nullopt : std::optional(found->get<double>());
}

nlohmann::json to_json(const ClassifierMetrics& metrics) {
  nlohmann::json json = nlohmann::json::object();
  put(json, "loss", metrics.loss);
  put(json, "accuracy", metrics.accuracy);
  return json;
}

ClassifierMetrics classifier_from_json(const nlohmann::json& json) {
  return {get(json, "loss"), get(json, "accuracy")};
}

}  // namespace

nlohmann::json to_json(const EpochMetrics& metrics) {
  nlohmann::json decoders = nlohmann::json::object();
  for (const auto& [name, decoder] : metrics.decoders) {
    nlohmann::json& json = decoders[name] = nlohmann::json::object();
    put(json, "train_loss", decoder.train_loss);
    put(json, "validation_loss", decoder.validation_loss);
    put(json, "test_loss", decoder.test_loss);
    put(json, "mean_image_loss", decoder.mean_image_loss);
    put(json, "weight", decoder.weight);
    put(json, "dead_units", decoder.dead_units);
    if (decoder.never_trained) json["never_trained"] = true;
  }
  nlohmann::json json = {{"epoch", metrics.epoch},
                         {"step", metrics.step},
                         {"seconds", metrics.seconds},
                         {"images_per_second", metrics.images_per_second},
                         {"step_ms_median", metrics.step_ms_median},
                         {"train", to_json(metrics.train)},
                         {"test", to_json(metrics.test)},
                         {"decoders", std::move(decoders)}};
  put(json, "learning_rate", metrics.learning_rate);
  if (nlohmann::json validation = to_json(metrics.validation); !validation.empty())
    json["validation"] = std::move(validation);
  return json;
}

EpochMetrics metrics_from_json(const nlohmann::json& json) {
  EpochMetrics metrics;
  metrics.epoch = json.at("epoch").get<std::int64_t>();
  metrics.step = json.at("step").get<std::int64_t>();
  metrics.seconds = json.value("seconds", 0.0);
  metrics.images_per_second = json.value("images_per_second", 0.0);
  metrics.step_ms_median = json.value("step_ms_median", 0.0);
  metrics.learning_rate = get(json, "learning_rate");
  metrics.train = classifier_from_json(json.at("train"));
  if (json.contains("validation")) metrics.validation = classifier_from_json(json.at("validation"));
  metrics.test = classifier_from_json(json.at("test"));
  for (const auto& [name, decoder] : json.at("decoders").items()) {
    metrics.decoders[name] = {get(decoder, "train_loss"), get(decoder, "validation_loss"), get(decoder, "test_loss"),
                              get(decoder, "mean_image_loss"), get(decoder, "weight"), get(decoder, "dead_units"),
                              decoder.value("never_trained", false)};
  }
  return metrics;
}

}  // namespace generalizer
