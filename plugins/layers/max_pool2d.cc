#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×C×H'×W'
Tensor build(LayerBuilder& layer) {
  const PoolingGeometry geometry = pooling_geometry(layer);
  return generalizer::max_pool2d(layer.input(), geometry).front();
}

}  // namespace

LayerType max_pool2d() {
  LayerType type;
  type.name = "max_pool2d";
  type.summary = "Keeps the largest element of each window, channel by channel.";
  type.parameters = pooling_parameters();
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
