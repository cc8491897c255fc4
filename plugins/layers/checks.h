#pragma once

#include "generalizer/layer.h"

/// Parameters that several layers declare, and their checks.
namespace generalizer::layers {

/// `axis`, counted from the batch, 0, or from the end where negative; default 1: channels, or the elements of vectors. `what` begins its help.
ParameterSpec axis_parameter(const std::string& what = "The axis");
/// That parameter, counted from the batch. Fails at it when the first input has no such axis, and at the batch.
std::int64_t axis_of(const LayerBuilder& layer);

/// `groups`, the parts that channels are split into; default 1.
ParameterSpec groups_parameter();
/// That parameter. Fails at it unless it divides the first input's channels and the filters.
std::int64_t groups_of(const LayerBuilder& layer, std::int64_t filters);

/// The probability that something is dropped in training, in [0, 1); `what` ends "The probability that": "an element is dropped".
ParameterSpec rate_parameter(std::string name, double default_value, const std::string& what);
/// That parameter. Fails at it when nothing would be left.
double drop_rate(const LayerBuilder& layer, const std::string& name);
/// `x` with those places dropped where `shape` (1 stretches) has an element to drop; the others scaled by 1/(1 − rate), so that sums stay on average.
Tensor dropped(LayerBuilder& layer, const Tensor& x, const Shape& shape, double rate);

}  // namespace generalizer::layers
