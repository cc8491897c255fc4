#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×C, or N×C×1×1
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)", "put the pooling before the flatten layer");
  const Tensor& x = layer.input();
  const std::vector<std::int64_t> whole{x.dim(2), x.dim(3)};
  const Tensor mean = generalizer::avg_pool2d(x, {whole, whole, {0, 0, 0, 0}}, false);
  return layer.boolean("keep_dims") ? mean : generalizer::reshape(mean, {x.dim(0), x.dim(1)});
}

}  // namespace

LayerType global_avg_pool2d() {
  LayerType type;
  type.name = "global_avg_pool2d";
  type.summary =
      "Takes the mean of each channel over the whole image (Lin, Chen, Yan, 2014).";
  type.parameters = {parameter("keep_dims", {ParameterType::boolean}, false,
                               "Whether the result keeps its rows and columns, one each (N×C×1×1).")};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
