#include "choices.h"

#include <algorithm>

#include "generalizer/op.h"
#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

Multiply multiply_of(const Program& program, const Node& product) {
  if (program.value(product.outputs[0]).type.dtype == DType::f64) return Multiply::f64;
  if (program.value(product.inputs[0]).type.dtype == DType::u8) return Multiply::bf16;
  return program.arithmetic() == Arithmetic::exact ? Multiply::f32 : Multiply::tf32;
}

std::size_t index_of(const std::vector<ValueId>& ids, ValueId id) {
  return static_cast<std::size_t>(std::find(ids.begin(), ids.end(), id) - ids.begin());
}

const Node* find(const LibraryStep& step, const char* op) {
  const auto found = std::find_if(step.nodes.begin(), step.nodes.end(), [&](const Node* node) { return node->op->name == op; });
  return found == step.nodes.end() ? nullptr : *found;
}

std::optional<std::size_t> bias_of(const LibraryStep& step) {
  if (const Node* add = find(step, "bias_add")) return index_of(step.operands, add->inputs[1]);
  if (has_channels_last(step.product()) && step.product().inputs.size() == 3) return 2;
  return std::nullopt;
}

/// N, C, H, W of images or O, I, KH, KW of weights.
std::array<std::int64_t, 4> extents(const Program& program, ValueId id, bool channels_last) {
  const Shape& shape = program.value(id).type.shape;
  if (channels_last) return {shape[0], shape[3], shape[1], shape[2]};
  return {shape[0], shape[1], shape[2], shape[3]};
}

std::array<std::int64_t, 2> two(const std::vector<std::int64_t>& list, std::size_t second) { return {list[0], list[second]}; }

}  // namespace

MatmulChoice matmul_choice(const Program& program, const LibraryStep& step) {
  const Node& node = step.product();
  MatmulChoice choice;
  choice.multiply = multiply_of(program, node);
  choice.left_transposed = node.attributes.integer("transpose_a") != 0;
  choice.right_transposed = node.attributes.integer("transpose_b") != 0;
  const Shape &given = program.value(node.inputs[0]).type.shape, left = choice.multiply == Multiply::bf16 ? shape_of_copy(given) : given;
  const Shape& result = program.value(node.outputs[0]).type.shape;
  const std::size_t rank = result.rank();
  choice.rows = result[rank - 2];
  choice.columns = result[rank - 1];
  choice.depth = left[choice.left_transposed ? rank - 2 : rank - 1];
  for (std::size_t axis = 0; axis + 2 < rank; ++axis) choice.batch *= result[axis];
  choice.epilogue = epilogue_of(step);
  choice.bias = bias_of(step);
  if (const Node* sum = find(step, "channel_sum")) choice.bias_gradient = index_of(step.results, sum->outputs[0]);
  return choice;
}

ConvolutionChoice convolution_choice(const Program& program, const LibraryStep& step) {
  const Node& node = step.product();
  ConvolutionChoice choice;
  choice.multiply = multiply_of(program, node);
  choice.channels_last = has_channels_last(node);
  const auto of = [&](ValueId id) { return extents(program, id, choice.channels_last); };
  const std::string name = plain_name(node);
  if (name == "conv2d") {
    choice.direction = Direction::forward;
    choice.x = of(node.inputs[0]), choice.weights = of(node.inputs[1]), choice.y = of(node.outputs[0]);
  } else if (name == "conv2d_backward_data") {  // dy, weights → dx
    choice.direction = Direction::backward_data;
    choice.y = of(node.inputs[0]), choice.weights = of(node.inputs[1]), choice.x = of(node.outputs[0]);
  } else {  // x, dy → dw
    choice.direction = Direction::backward_weights;
    choice.x = of(node.inputs[0]), choice.y = of(node.inputs[1]), choice.weights = of(node.outputs[0]);
  }
  choice.padding = two(node.attributes.integers("padding"), 2);  // top and left, which bottom and right equal
  choice.strides = two(node.attributes.integers("strides"), 1);
  choice.dilations = two(node.attributes.integers("dilations"), 1);
  choice.groups = node.attributes.integer("groups");
  choice.epilogue = epilogue_of(step);
  choice.bias = bias_of(step);
  return choice;
}

}  // namespace generalizer::cuda
