#include "checks.h"

namespace generalizer::layers {

ParameterSpec axis_parameter(const std::string& what) {
  return parameter("axis", {ParameterType::integer}, std::int64_t{1},
                   what + ", counted from the batch, 0; 1: channels, or the elements of vectors; −1: the last.");
}

std::int64_t axis_of(const LayerBuilder& layer) {
  const std::int64_t axis = layer.integer("axis");
  const auto rank = static_cast<std::int64_t>(layer.input().rank());
  const std::int64_t from_batch = axis < 0 ? axis + rank : axis;
  if (from_batch <= 0 || from_batch >= rank) {
    layer.fail_at("axis",
                  from_batch == 0 ? "axis " + std::to_string(axis) + " is the batch: the answer for an image would hang on the others"
                                  : "its input " + layer.input().shape().to_string() + " has no axis " + std::to_string(axis) +
                                        "; axes count from 0, the batch",
                  "choose an axis from 1 to " + std::to_string(rank - 1) + ", or −1 for the last");
  }
  return from_batch;
}

ParameterSpec groups_parameter() {
  return at_least(parameter("groups", {ParameterType::integer}, std::int64_t{1},
                            "Parts that the channels are split into; each part's filters see that part alone."),
                  1);
}

std::int64_t groups_of(const LayerBuilder& layer, std::int64_t filters) {
  const std::int64_t groups = layer.integer("groups");
  const std::int64_t channels = layer.input().dim(1);
  if (channels % groups != 0 || filters % groups != 0) {
    layer.fail_at("groups",
                  "groups = " + std::to_string(groups) + " has to divide the input's " + std::to_string(channels) +
                      " channels and the layer's " + std::to_string(filters) + " filters",
                  "choose a common divisor of both, or groups = 1");
  }
  return groups;
}

ParameterSpec rate_parameter(std::string name, double default_value, const std::string& what) {
  return at_most(at_least(parameter(std::move(name), {ParameterType::number}, default_value,
                                    "The probability that " + what + ", in [0, 1)."),
                          0),
                 1);
}

double drop_rate(const LayerBuilder& layer, const std::string& name) {
  const double rate = layer.number(name);
  if (rate >= 1.0)
    layer.fail_at(name, "at a rate of 1 nothing is left of the input", "choose a rate in [0, 1), such as 0.5");
  return rate;
}

Tensor dropped(LayerBuilder& layer, const Tensor& x, const Shape& shape, double rate) {
  if (!layer.training() || rate == 0.0) return x;
  const Tensor kept = greater_equal(layer.random_uniform(shape), rate);  // 1 with probability 1 − rate
  return x * affine(kept, 1.0 / (1.0 - rate), 0.0);
}

}  // namespace generalizer::layers
