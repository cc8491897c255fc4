#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×C×(H − top − bottom)×(W − left − right)
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)");
  const Tensor& x = layer.input();
  const std::vector<std::int64_t> by = sides(layer, "cropping");
  if (by[0] + by[1] >= x.dim(2) || by[2] + by[3] >= x.dim(3)) {
    layer.fail_at("cropping",
                  "cutting off " + std::to_string(by[0] + by[1]) + " rows and " + std::to_string(by[2] + by[3]) +
                      " columns leaves nothing of images of " + size_text(x.dim(2), x.dim(3)),
                  "cut off less");
  }
  const Tensor rows = generalizer::slice(x, 2, by[0], x.dim(2) - by[1]);
  return generalizer::slice(rows, 3, by[2], x.dim(3) - by[3]);
}

}  // namespace

LayerType crop() {
  LayerType type;
  type.name = "crop";
  type.summary =
      "Cuts pixels off the edges of images.";
  type.parameters = {sides_parameter("cropping", "Pixels cut off around the image")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
