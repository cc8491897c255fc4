#include <algorithm>
#include <numeric>

#include "layers.h"

namespace generalizer::layers {
namespace {

/// N×A×B×… → N×… with the extents in another order
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const std::vector<std::int64_t> order = layer.parameters().integers("order");
  std::vector<std::int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  std::vector<std::int64_t> all(x.rank() - 1);
  std::iota(all.begin(), all.end(), std::int64_t{1});
  if (sorted != all) {
    layer.fail_at("order",
                  "order must name each of the axes 1 to " + std::to_string(x.rank() - 1) +
                      " of its input " + x.shape().to_string() + " once; axis 0 is the batch and stays",
                  "for N×C×H×W, order = [2, 3, 1] gives N×H×W×C");
  }
  std::vector<std::int64_t> permutation{0};
  permutation.insert(permutation.end(), order.begin(), order.end());
  return transpose(x, permutation);
}

}  // namespace

LayerType permute() {
  LayerType type;
  type.name = "permute";
  type.summary =
      "Puts the axes of its input in another order; the batch stays first.";
  type.parameters = {at_least(
      required_parameter("order", {ParameterType::integers},
                         "The input's axes in their new order, counted from the batch, 0: [2, 3, 1] for N×C×H×W → N×H×W×C."),
      1)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
