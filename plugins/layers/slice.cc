#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

/// One axis → a part of it
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const std::int64_t axis = axis_of(layer);
  const std::int64_t extent = x.dim(static_cast<std::size_t>(axis));
  const std::int64_t begin = layer.integer("begin");
  const std::int64_t end = layer.parameters().has("end") ? layer.integer("end") : extent;
  if (begin >= end || end > extent) {
    layer.fail_at(layer.parameters().has("end") ? "end" : "begin",
                  "the part [" + std::to_string(begin) + ", " + std::to_string(end) + ") is no part of axis " +
                      std::to_string(axis) + ", which has " + std::to_string(extent) + " elements",
                  "begin counts from 0, and end is the first element that is left out");
  }
  return generalizer::slice(x, axis, begin, end);
}

}  // namespace

LayerType slice() {
  LayerType type;
  type.name = "slice";
  type.summary =
      "Takes a part of its input along one axis.";
  ParameterSpec end = required_parameter("end", {ParameterType::integer},
                                         "The first element that is left out; without it all from begin on are taken.");
  end.optional = true;
  type.parameters = {axis_parameter(),
                     at_least(parameter("begin", {ParameterType::integer}, std::int64_t{0}, "The first element that is taken."), 0),
                     at_least(std::move(end), 1)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
