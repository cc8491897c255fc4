#include <limits>

#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

void require_equal_but(const LayerBuilder& layer, std::int64_t axis) {
  const Shape& first = layer.input(0).shape();
  for (std::size_t i = 1; i < layer.inputs().size(); ++i) {
    Shape other = layer.input(i).shape();
    const bool same_rank = other.rank() == first.rank();
    if (same_rank) other[static_cast<std::size_t>(axis)] = first[static_cast<std::size_t>(axis)];
    if (same_rank && other == first) continue;
    layer.fail("it joins along axis " + std::to_string(axis) +
                   ", and every other extent has to be equal: input 0 is " + first.to_string() +
                   " and input " + std::to_string(i) + " is " + layer.input(i).shape().to_string(),
               "choose another axis, or bring the other extents to one size before");
  }
}

/// Two or more, equal but for one axis → that axis added up
Tensor build(LayerBuilder& layer) {
  const std::int64_t axis = axis_of(layer);
  require_equal_but(layer, axis);
  return generalizer::concat(layer.inputs(), axis);
}

}  // namespace

LayerType concat() {
  LayerType type;
  type.name = "concat";
  type.summary = "Joins its inputs along one axis.";
  type.parameters = {axis_parameter()};
  type.minimum_inputs = 2;
  type.maximum_inputs = std::numeric_limits<std::size_t>::max();
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
