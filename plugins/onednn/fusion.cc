#include "fusion.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "generalizer/op.h"

namespace generalizer::onednn {

namespace {
bool is(const Node& node, const char* name) { return node.op->name == name; }

/// A matmul done by the kernel that can add a bias: that of xᵀ·dy can't, nor can that of several products side by side.
bool is_product(const Program& program, const Node& node) {
  return is(node, "matmul") && node.attributes.integer("transpose_a") == 0 &&
         program.value(node.outputs[0]).type.shape.rank() == 2;
}
}  // namespace

bool is_activation(const Node& node) {
  return is(node, "relu") || is(node, "leaky_relu") || is(node, "sigmoid") || is(node, "tanh");
}

FusionPlan::FusionPlan(const Program& program)
    : program_(program),
      readers_(program.values().size()),
      kept_(program.values().size()),
      fused_(program.nodes().size()),
      done_by_(program.nodes().size()) {
  const auto count = static_cast<NodeId>(program.nodes().size());
  std::iota(done_by_.begin(), done_by_.end(), NodeId{0});
  for (NodeId id = 0; id < count; ++id) {
    for (const ValueId input : program.node(id).inputs)
      readers_[static_cast<std::size_t>(input)].push_back(id);
  }
  for (const Output& output : program.outputs()) kept_[static_cast<std::size_t>(output.value)] = true;
  for (const Assignment& assignment : program.assignments())
    kept_[static_cast<std::size_t>(assignment.value)] = true;
  for (NodeId id = 0; id < count; ++id) {
    const Node& node = program.node(id);
    if (node.op->name == "conv2d" || is_product(program_, node) || node.op->name == "batch_norm") fuse_forward(id);
    // In another arithmetic the kernel would sum numbers that were rounded for its products.
    if (node.op->name == "conv2d_backward_weights" && program.arithmetic() == Arithmetic::exact) fuse_bias_gradient(id);
    if (node.op->name == "batch_norm_backward") fuse_relu_gradient(id);
  }
}

NodeId FusionPlan::only_reader(ValueId value) const {
  const auto& readers = readers_[static_cast<std::size_t>(value)];
  return readers.size() == 1 && !kept_[static_cast<std::size_t>(value)] ? readers.front() : no_node;
}

bool FusionPlan::is_made_before(ValueId value, NodeId node) const {
  return program_.value(value).producer < node;
}

void FusionPlan::fuse_forward(NodeId id) {
  const Node& node = program_.node(id);
  Fused& fused = fused_[static_cast<std::size_t>(id)];
  const bool normalises = is(node, "batch_norm");
  ValueId result = node.outputs[0];
  NodeId next = only_reader(result);
  if (!normalises && next != no_node && is(program_.node(next), "bias_add") &&
      program_.node(next).inputs[0] == result && is_made_before(program_.node(next).inputs[1], id)) {
    fused.bias = next;
    absorb(next, id);
    result = program_.node(next).outputs[0];
    next = only_reader(result);
  }
  if (next == no_node) return;
  const Node& last = program_.node(next);
  if (normalises ? is(last, "relu") : is_activation(last)) {
    fused.activation = next;
    absorb(next, id);
  }
}

void FusionPlan::fuse_bias_gradient(NodeId id) {
  const ValueId dy = program_.node(id).inputs[1];
  for (const NodeId reader : readers_[static_cast<std::size_t>(dy)]) {
    if (is_absorbed(reader) || !is(program_.node(reader), "channel_sum")) continue;
    // The sum is made where the convolution stands: nobody may need it before, not even as the bias of an earlier product that does the
    // work of a later bias_add.
    const auto& users = readers_[static_cast<std::size_t>(program_.node(reader).outputs[0])];
    if (std::any_of(users.begin(), users.end(),
                    [&](NodeId user) { return std::min(user, done_by(user)) < id; }))
      continue;
    fused_[static_cast<std::size_t>(id)].bias_gradient = reader;
    absorb(reader, id);
    return;
  }
}

void FusionPlan::fuse_relu_gradient(NodeId id) {
  const NodeId producer = program_.value(program_.node(id).inputs[0]).producer;
  if (producer == no_node || !is(program_.node(producer), "relu_backward") || is_absorbed(producer)) return;
  if (only_reader(program_.node(id).inputs[0]) != id) return;
  fused_[static_cast<std::size_t>(id)].relu_gradient = producer;
  absorb(producer, id);
}

}  // namespace generalizer::onednn
