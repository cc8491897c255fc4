#include "data/normalization.h"

#include <algorithm>
#include <cstddef>

#include "generalizer/error.h"

namespace generalizer {
namespace {

/// One number for each channel from a list of one or as many.
std::vector<float> per_channel(const TypedSpec& entry, const std::string& key, std::int64_t channels) {
  const ParameterValue& value = entry.parameters.value(key);
  const bool single = std::holds_alternative<double>(value) || std::holds_alternative<std::int64_t>(value);
  std::vector<double> given = single ? std::vector<double>{entry.parameters.number(key)} : entry.parameters.numbers(key);
  if (given.size() == 1) given.resize(static_cast<std::size_t>(channels), given.front());
  if (static_cast<std::int64_t>(given.size()) != channels) {
    const std::string list = channels == 1 ? "one number" : "one number, or " + std::to_string(channels);
    throw GraphError(entry.parameters.where(key),
                     "\"" + key + "\" of the augmentation \"normalize\" has " + std::to_string(given.size()) +
                         " numbers, and the images have " + std::to_string(channels) +
                         (channels == 1 ? " channel" : " channels"),
                     "give " + list + ": " + key + " = [0.5]");
  }
  return {given.begin(), given.end()};
}

}  // namespace

void Normalization::apply(std::span<float> image, std::int64_t pixels) const {
  if (empty()) return;
  const auto plane = static_cast<std::size_t>(pixels);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const std::size_t channel = i / plane % mean.size();
    image[i] = (image[i] - mean[channel]) / deviation[channel];
  }
}

void Normalization::undo(std::span<float> image, std::int64_t pixels) const {
  if (empty()) return;
  const auto plane = static_cast<std::size_t>(pixels);
  for (std::size_t i = 0; i < image.size(); ++i) {
    const std::size_t channel = i / plane % mean.size();
    image[i] = image[i] * deviation[channel] + mean[channel];
  }
}

Normalization Normalization::then(const Normalization& next) const {
  if (empty()) return next;
  if (next.empty()) return *this;
  Normalization both = *this;  // ((x − m) / d − m') / d' = (x − (m + d·m')) / (d·d')
  for (std::size_t c = 0; c < mean.size(); ++c) {
    both.mean[c] += deviation[c] * next.mean[c];
    both.deviation[c] *= next.deviation[c];
  }
  return both;
}

Normalization read_normalization(const TypedSpec& entry, std::int64_t channels) {
  Normalization result{per_channel(entry, "mean", channels), per_channel(entry, "deviation", channels)};
  for (const float deviation : result.deviation) {
    if (deviation > 0.0F) continue;
    throw GraphError(entry.parameters.where("deviation"),
                     "each deviation of the augmentation \"normalize\" must be above 0, found " +
                         std::to_string(deviation),
                     "images are divided by it; 1 changes nothing");
  }
  return result;
}

Normalization normalization_of(const DataSpec& data, const Shape& image) {
  Normalization all;
  for (const TypedSpec& entry : data.augment) {
    if (entry.type.text == "normalize") all = all.then(read_normalization(entry, image[0]));
  }
  return all;
}

}  // namespace generalizer
