#include "checks.h"

namespace generalizer::layers {

ParameterSpec axis_parameter() {
  return at_least(parameter("axis", {ParameterType::integer}, std::int64_t{1},
                            "The axis, counted from the batch, 0; 1: channels, or the elements of vectors."),
                  1);
}

std::int64_t axis_of(const LayerBuilder& layer) {
  const std::int64_t axis = layer.integer("axis");
  const auto rank = static_cast<std::int64_t>(layer.input().rank());
  if (axis >= rank) {
    layer.fail_at("axis",
                  "its input " + layer.input().shape().to_string() + " has no axis " + std::to_string(axis) +
                      "; axes count from 0, the batch",
                  "choose an axis from 1 to " + std::to_string(rank - 1));
  }
  return axis;
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
