#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType& x = signature.inputs[0];
  const Shape shape = ops::shape_attribute(signature.attributes);
  if (shape.elements() != x.shape.elements()) {
    throw Error("the operand " + x.shape.to_string() + " has " + std::to_string(x.shape.elements()) +
                " elements, and the shape " + shape.to_string() + " has " + std::to_string(shape.elements()) +
                "; the two must be equal");
  }
  return {{x.dtype, shape}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  return {reshape(context.output_gradients[0], context.inputs[0].shape())};
}

}  // namespace

const OpDefinition& ops::reshape() {
  static const OpDefinition definition{.name = "reshape",
                                       .summary = "The elements of x in row-major order under another shape.",
                                       .input_names = {"x"},
                                       .output_names = {"y"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = copy_whole,
                                       .flops = no_flops,
                                       .in_place = {{0, 0}},
                                       .view = true,
                                       .workspaces = {}};
  return definition;
}

Tensor reshape(const Tensor& x, const Shape& shape) {
  return generalizer::apply(ops::reshape(), std::array{x}, {{"shape", ops::attribute_of(shape)}});
}

}  // namespace generalizer
