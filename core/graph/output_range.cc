#include "graph/output_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace generalizer {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// Types whose output holds numbers of their input and no others.
bool only_moves(const std::string& type) {
  return type == "flatten" || type == "reshape" || type == "permute" || type == "slice" || type == "crop";
}

/// The layer that feeds the given one alone; null where that is not another layer of the list.
const LayerSpec* feeds(const std::vector<LayerSpec>& layers, const LayerSpec& layer) {
  if (layer.inputs.empty()) return &layer == &layers.front() ? nullptr : &layer - 1;
  const auto found = std::find_if(layers.begin(), layers.end(), [&](const LayerSpec& other) {
    return other.name.text == layer.inputs.front().text;
  });
  return found == layers.end() ? nullptr : &*found;
}

std::vector<double> numbers_of(const Parameters& values, const std::string& key) {
  return std::holds_alternative<std::vector<double>>(values.value(key)) ? values.numbers(key)
                                                                        : std::vector<double>{values.number(key)};
}

}  // namespace

std::optional<OutputFunction> output_function(const std::vector<LayerSpec>& layers) {
  const LayerSpec* layer = layers.empty() ? nullptr : &layers.back();
  while (layer != nullptr && only_moves(layer->type.text)) layer = feeds(layers, *layer);
  if (layer == nullptr) return std::nullopt;
  const std::string key = layer->type.text == "activation" ? "function" : "activation";
  if (!layer->parameters.has(key) || !layer->parameters.is_string(key)) return std::nullopt;
  const SourcePosition where = layer->parameters.where(key);
  return OutputFunction{layer, layer->parameters.string(key), where.known() ? where : layer->where};
}

NumberRange range_of(const std::string& function) {
  if (function == "sigmoid" || function == "softmax") return {0.0, 1.0};
  if (function == "tanh") return {-1.0, 1.0};
  if (function == "relu" || function == "softplus") return {0.0, kInfinity};
  return {-kInfinity, kInfinity};
}

NumberRange range_of_images(const DataSpec& data) {
  std::vector<NumberRange> channels{{0.0, 1.0}};
  for (const TypedSpec& entry : data.augment) {
    if (entry.type.text != "normalize") continue;
    const std::vector<double> mean = numbers_of(entry.parameters, "mean");
    const std::vector<double> deviation = numbers_of(entry.parameters, "deviation");
    if (mean.empty() || deviation.empty()) continue;  // refused when the data is opened
    channels.resize(std::max({channels.size(), mean.size(), deviation.size()}), channels.front());
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const double m = mean[c % mean.size()];
      const double d = deviation[c % deviation.size()];
      channels[c] = {(channels[c].low - m) / d, (channels[c].high - m) / d};
    }
  }
  NumberRange all = channels.front();
  for (const NumberRange& channel : channels) {
    all.low = std::min(all.low, channel.low);
    all.high = std::max(all.high, channel.high);
  }
  return all;
}

std::string to_string(const NumberRange& range) {
  const auto number = [](double value) { return (value < 0.0 ? "−" : "") + fmt::format("{:.3g}", std::abs(value)); };
  if (std::isinf(range.high)) return std::isinf(range.low) ? "any" : "at least " + number(range.low);
  return "from " + number(range.low) + " to " + number(range.high);
}

}  // namespace generalizer
