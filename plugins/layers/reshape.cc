#include "layers.h"

namespace generalizer::layers {
namespace {

/// Up to four shapes of so many elements that a user may have meant: the vector, and images from the largest square down.
std::string fitting(std::int64_t elements) {
  std::string text = "[" + std::to_string(elements) + "]";
  int shown = 0;
  for (std::int64_t side = 1024; side > 1 && shown < 3; --side) {
    if (side * side > elements || elements % (side * side) != 0) continue;
    const std::string pixels = std::to_string(side);
    text += ", [" + std::to_string(elements / (side * side)) + ", " + pixels + ", " + pixels + "]";
    ++shown;
  }
  return text;
}

/// `given` with its −1 replaced by what is left of `elements`.
Shape resolved(const LayerBuilder& layer, const std::vector<std::int64_t>& given, std::int64_t elements) {
  std::int64_t known = 1;
  std::size_t open = given.size();  // where the −1 stands
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == 0)
      layer.fail_at("shape", "an extent of 0 leaves no elements; each has to be at least 1, or −1 once");
    if (given[i] > 0) {
      known *= given[i];
      continue;
    }
    if (open != given.size())
      layer.fail_at("shape", "−1 stands for what is left, and only one extent can be that");
    open = i;
  }
  Shape shape(given);
  if (open != given.size() && elements % known == 0) shape[open] = elements / known;
  return shape;
}

/// N×… → N×shape
Tensor build(LayerBuilder& layer) {
  const Tensor& x = layer.input();
  const std::int64_t elements = x.shape().elements() / x.dim(0);
  const std::vector<std::int64_t> given = layer.parameters().integers("shape");
  if (given.empty())
    layer.fail_at("shape", "the shape is empty; expected at least one extent, such as shape = [1, 28, 28]");
  const Shape shape = resolved(layer, given, elements);
  if (shape.elements() != elements) {
    layer.fail_at("shape",
                  "its input has " + std::to_string(elements) +
                      " numbers an image, which don't fill the shape " + shape.to_string(),
                  "the product of the extents has to be " + std::to_string(elements) +
                      "; one of them may be −1, for what is left. These fit: " + fitting(elements));
  }
  std::vector<std::int64_t> extents{x.dim(0)};
  extents.insert(extents.end(), shape.begin(), shape.end());
  return generalizer::reshape(x, Shape(std::move(extents)));
}

}  // namespace

LayerType reshape() {
  LayerType type;
  type.name = "reshape";
  type.summary = "Gives the numbers of each image another shape; their order stays.";
  type.parameters = {at_least(
      required_parameter("shape", {ParameterType::integers},
                         "Extents without the batch, such as [1, 28, 28]; one may be −1: what is left."),
      -1)};
  type.build = build;
  return type;
}

}  // namespace generalizer::layers
