#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×C×… → the same
Tensor build(LayerBuilder& layer) {
  const double rate = drop_rate(layer, "rate");
  const Tensor& x = layer.input();
  if (x.rank() < 3) {
    layer.fail("it drops whole channels of images (N×C×H×W), and its input " + x.shape().to_string() +
                   " has none",
               "use { type = \"dropout\" } for vectors");
  }
  std::vector<std::int64_t> extents(x.rank(), 1);
  extents[0] = x.dim(0);
  extents[1] = x.dim(1);
  return dropped(layer, x, Shape(extents), rate);
}

}  // namespace

LayerType spatial_dropout() {
  LayerType type;
  type.name = "spatial_dropout";
  type.summary =
      "In training sets whole channels to 0 at random and scales the others by 1/(1 − rate); in evaluation it changes nothing "
      "(Tompson et al., 2015).";
  type.parameters = {rate_parameter("rate", 0.2, "a channel is dropped")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
