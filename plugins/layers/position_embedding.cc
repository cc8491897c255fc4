#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×T×C → the same
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 3, "tokens (N×T×C)", "bring the input to tokens by a reshape and a permute layer before it");
  const Tensor& x = layer.input();
  const Tensor table = layer.weight("table", {x.dim(1), x.dim(2)},
                                    chosen_initializer(layer, "initializer", x.dim(1), x.dim(2)));
  return x + table;
}

}  // namespace

LayerType position_embedding() {
  LayerType type;
  type.name = "position_embedding";
  type.summary =
      "Adds a trained vector to each token, one for each place in the sequence (Dosovitskiy et al., 2021).";
  type.parameters = {initializer_parameter("initializer", "glorot_uniform")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
