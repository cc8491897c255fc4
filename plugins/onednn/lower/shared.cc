#include <limits>

#include "lower/lower.h"

namespace generalizer::onednn {

dnnl::primitive_attr attributes_with_shared_scratchpad() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  return attributes;
}

Activation activation_of(const Node& node) {
  const std::string& op = node.op->name;
  if (op == "leaky_relu")
    return {dnnl::algorithm::eltwise_relu, static_cast<float>(node.attributes.number("slope"))};
  if (op == "sigmoid") return {dnnl::algorithm::eltwise_logistic};
  if (op == "tanh") return {dnnl::algorithm::eltwise_tanh};
  if (op == "exp") return {dnnl::algorithm::eltwise_exp};
  if (op == "log") return {dnnl::algorithm::eltwise_log};
  return {dnnl::algorithm::eltwise_relu};
}

void add_activation(dnnl::primitive_attr& attributes, const Program& program, const Fused& fused) {
  if (fused.activation == no_node) return;
  Activation activation = activation_of(program.node(fused.activation));
  // oneDNN's relu is a maximum with zero, which turns NaN into 0; its leaky one compares and multiplies, and keeps NaN, at the same speed. While a
  // program runs, this slope counts as zero, and so is what becomes of negative numbers.
  const bool is_relu = activation.algorithm == dnnl::algorithm::eltwise_relu && activation.alpha == 0.0F;
  if (is_relu) activation.alpha = std::numeric_limits<float>::denorm_min();
  dnnl::post_ops after;
  after.append_eltwise(activation.algorithm, activation.alpha, 0.0F);
  attributes.set_post_ops(after);
}

ValueId result_of(const Program& program, const Node& node, const Fused& fused) {
  if (fused.activation != no_node) return program.node(fused.activation).outputs[0];
  if (fused.bias != no_node) return program.node(fused.bias).outputs[0];
  return node.outputs[0];
}

bool keeps_zero(const Node& node) {
  const std::string& op = node.op->name;
  if (op == "affine") return node.attributes.number("shift") == 0.0;
  for (const char* breaks :
       {"rsqrt", "reciprocal", "greater_equal", "is_finite", "sigmoid", "exp", "log", "divide"}) {
    if (op == breaks) return false;
  }
  return true;
}

void lower_by_reference(Lowering& lowering, const Node& node, NodeId) {
  std::vector<BufferId> touched;
  std::vector<HostTensor> inputs;
  std::vector<HostTensor> outputs;
  for (const ValueId value : node.inputs) {
    touched.push_back(lowering.read_plain(value).buffer);
    inputs.push_back({nullptr, lowering.type(value)});
  }
  for (const ValueId value : node.outputs) {
    touched.push_back(lowering.write_plain(value).buffer);
    outputs.push_back({nullptr, lowering.type(value)});
  }
  const auto kernel = [touched, inputs, outputs, &op = *node.op,
                       attributes = node.attributes](const Pointers& at) mutable {
    std::size_t next = 0;
    for (auto& tensor : inputs) tensor.data = at.at<void>(touched[next++]);
    for (auto& tensor : outputs) tensor.data = at.at<void>(touched[next++]);
    (op.cpu ? op.cpu : op.reference)({inputs, outputs, attributes});  // a plugin's own op may bring a fast one
  };
  lowering.emit(touched, kernel);
}

}  // namespace generalizer::onednn
