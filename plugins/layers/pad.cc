#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×C×(H + top + bottom)×(W + left + right)
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)");
  const std::vector<std::int64_t> by = sides(layer, "padding");
  return generalizer::pad(generalizer::pad(layer.input(), 2, by[0], by[1]), 3, by[2], by[3]);
}

}  // namespace

LayerType pad() {
  LayerType type;
  type.name = "pad";
  type.summary =
      "Lays zeros around images.";
  type.parameters = {sides_parameter("padding", "Zeros around the image, in pixels")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
