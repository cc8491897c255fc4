#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×C×H'×W'
Tensor build(LayerBuilder& layer) {
  const PoolingGeometry geometry = pooling_geometry(layer);
  return generalizer::avg_pool2d(layer.input(), geometry, layer.boolean("count_include_pad"));
}

}  // namespace

LayerType avg_pool2d() {
  LayerType type;
  type.name = "avg_pool2d";
  type.summary = "Takes the mean of each window, channel by channel.";
  type.parameters = pooling_parameters();
  type.parameters.push_back(parameter("count_include_pad", {ParameterType::boolean}, false,
                                      "Whether padding counts, as zeros, in the mean."));
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
