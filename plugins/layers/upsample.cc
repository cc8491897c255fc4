#include "layers.h"
#include "window.h"

namespace generalizer::layers {
namespace {

/// N×C×H×W → N×C×(H·scale)×(W·scale)
Tensor build(LayerBuilder& layer) {
  layer.require_rank(0, 4, "images (N×C×H×W)", "put a reshape layer before it, such as shape = [64, 7, 7]");
  const Tensor& x = layer.input();
  const bool sized = layer.parameters().has("size");
  if (sized && layer.parameters().where("scale").known()) {
    layer.fail_at("scale", "both size and scale are given, and either decides the size of the output",
                  "leave one of the two out");
  }
  const std::vector<std::int64_t> by = pair(layer, sized ? "size" : "scale");
  const std::vector<std::int64_t> size =
      sized ? by : std::vector<std::int64_t>{x.dim(2) * by[0], x.dim(3) * by[1]};
  return resize2d(x, size, layer.string("mode"));
}

}  // namespace

LayerType upsample() {
  LayerType type;
  type.name = "upsample";
  type.summary =
      "Makes images larger, each pixel repeated or blended with its neighbours, with half-pixel centres.";
  ParameterSpec size = at_least(required_parameter("size", {ParameterType::integer, ParameterType::integers},
                                                   "Pixels of the output: one number, or [rows, columns]; without it scale decides."),
                                1);
  size.optional = true;
  type.parameters = {pair_parameter("scale", 2, "Times the input's size: one number, or [rows, columns]."),
                     std::move(size),
                     one_of(parameter("mode", {ParameterType::string}, std::string("nearest"),
                                      "\"nearest\" repeats pixels, \"bilinear\" blends neighbours."),
                            {"nearest", "bilinear"})};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
