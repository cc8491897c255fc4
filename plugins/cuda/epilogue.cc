#include "epilogue.h"

#include <algorithm>

#include "generalizer/op.h"
#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

bool is(const Node* node, const char* op) { return node != nullptr && node->op->name == op; }

const Node* only_reader(const Readers& readers, ValueId id) {
  const std::vector<const Node*>& all = readers.of(id);
  return all.size() == 1 && !readers.kept(id) ? all.front() : nullptr;
}

std::size_t rank_of(const Program& program, const Node& node) { return program.value(node.outputs[0]).type.shape.rank(); }
bool is_f32(const Program& program, const Node& node) { return program.value(node.outputs[0]).type.dtype == DType::f32; }

}  // namespace

std::vector<const Node*> forward_epilogue(const Program& program, const Node& product, const Readers& readers) {
  const bool matmul = is_matmul(product) && rank_of(program, product) == 2;
  if (!is_f32(program, product) || (!matmul && product.op->name != "conv2d")) return {};
  std::vector<const Node*> along;
  const Node* next = only_reader(readers, product.outputs[0]);
  if (is(next, "bias_add") && next->inputs[0] == product.outputs[0]) {
    along.push_back(next);
    next = only_reader(readers, next->outputs[0]);
  } else if (!matmul) {
    return {};
  }
  if (is(next, "relu")) {
    along.push_back(next);
  } else if (!matmul) {
    return {};
  }
  return along;
}

std::vector<const Node*> gradient_epilogue(const Program& program, const Node& product, const Readers& readers) {
  if (product.op->name != "matmul" || program.arithmetic() != Arithmetic::exact || !is_f32(program, product) || rank_of(program, product) != 2) return {};
  if (product.attributes.integer("transpose_a") == 0 || product.attributes.integer("transpose_b") != 0) return {};
  for (const Node* reader : readers.of(product.inputs[1])) {
    if (!is(reader, "channel_sum")) continue;
    // The sums are made where the product stands: nobody may want them before.
    const std::vector<const Node*>& users = readers.of(reader->outputs[0]);
    if (std::all_of(users.begin(), users.end(), [&](const Node* user) { return user > &product; })) return {reader};
  }
  return {};
}

std::vector<const Node*> taken_along(const Program& program, const Node& product, const Readers& readers) {
  const std::vector<const Node*> forward = forward_epilogue(program, product, readers);
  return forward.empty() ? gradient_epilogue(program, product, readers) : forward;
}

Epilogue epilogue_of(const LibraryStep& step) {
  const auto has = [&](const char* op) {
    for (const Node* node : step.nodes) {
      if (node->op->name == op) return true;
    }
    return false;
  };
  if (step.product().op->name == "conv2d_nhwc") return step.product().inputs.size() == 3 ? Epilogue::bias_relu : Epilogue::none;
  if (has("channel_sum")) return Epilogue::bias_gradient;
  if (has("bias_add")) return has("relu") ? Epilogue::bias_relu : Epilogue::bias;
  return has("relu") ? Epilogue::relu : Epilogue::none;
}

}  // namespace generalizer::cuda
