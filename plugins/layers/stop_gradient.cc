#include "layers.h"

namespace generalizer::layers {
namespace {

/// Any shape → the same
Tensor build(LayerBuilder& layer) { return generalizer::stop_gradient(layer.input()); }

}  // namespace

LayerType stop_gradient() {
  LayerType type;
  type.name = "stop_gradient";
  type.summary =
      "Passes its input on, and no gradient back: what is before it doesn't learn from what is after it.";
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
