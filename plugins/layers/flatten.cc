#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×… → N×K, in row-major order (C, H, W for images)
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  return generalizer::reshape(x, {x.dim(0), x.shape().elements() / x.dim(0)});
}

}  // namespace

LayerType flatten() {
  LayerType type;
  type.name = "flatten";
  type.summary = "Makes one vector of each image: channel after channel, row after row.";
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
