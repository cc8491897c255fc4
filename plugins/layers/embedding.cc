#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×… of numbers that stand for indices → N×…×units
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const std::int64_t count = layer.integer("count");
  const std::int64_t units = layer.integer("units");
  const Tensor table = layer.weight("table", {count, units},
                                    chosen_initializer(layer, "initializer", count, units));
  const auto limit = [&](double value) { return fill(layer.program(), {x.dtype(), {}}, value); };
  // Rounded to the nearest index and held within the table; cast cuts off what is behind the point.
  const Tensor scaled = affine(stop_gradient(x), layer.number("scale"), 0.5);
  const Tensor held = minimum(maximum(scaled, limit(0.0)), limit(static_cast<double>(count) - 0.5));
  return gather_rows(table, cast(held, DType::i32));
}

}  // namespace

LayerType embedding() {
  LayerType type;
  type.name = "embedding";
  type.summary =
      "A trained vector for each whole number: its input's numbers are scaled, rounded and held within [0, count), and each is replaced "
      "by the table's row.";
  type.parameters = {
      at_least(required_parameter("count", {ParameterType::integer}, "Rows of the table: how many different numbers there are."), 1),
      at_least(required_parameter("units", {ParameterType::integer}, "Numbers in the vector of each."), 1),
      above(parameter("scale", {ParameterType::number}, 1.0,
                      "What the input is multiplied with before it is rounded: 255 for the intensities of pixels in [0, 1]."),
            0),
      initializer_parameter("initializer", "glorot_uniform")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
