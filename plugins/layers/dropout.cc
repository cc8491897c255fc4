#include "checks.h"
#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) {
  return dropped(layer, layer.input(), layer.input().shape(), drop_rate(layer, "rate"));
}

}  // namespace

LayerType dropout() {
  LayerType type;
  type.name = "dropout";
  type.summary =
      "In training sets elements to 0 at random and scales the others by 1/(1 − rate), so that sums stay the "
      "same on average; in "
      "evaluation it changes nothing (Srivastava et al., 2014).";
  type.parameters = {rate_parameter("rate", 0.5, "an element is dropped")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
