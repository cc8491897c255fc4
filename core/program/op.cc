#include "generalizer/op.h"

namespace generalizer {
namespace {

template <class T>
const T& attribute(const std::map<std::string, AttributeValue>& values, const std::string& name) {
  const auto found = values.find(name);
  if (found == values.end()) throw Error("the attribute \"" + name + "\" is missing");
  const T* value = std::get_if<T>(&found->second);
  if (value == nullptr) throw Error("the attribute \"" + name + "\" has another type");
  return *value;
}

}  // namespace

std::int64_t Attributes::integer(const std::string& name) const {
  return attribute<std::int64_t>(values_, name);
}
double Attributes::number(const std::string& name) const { return attribute<double>(values_, name); }
const std::string& Attributes::string(const std::string& name) const {
  return attribute<std::string>(values_, name);
}
const std::vector<double>& Attributes::numbers(const std::string& name) const {
  return attribute<std::vector<double>>(values_, name);
}
const std::vector<std::int64_t>& Attributes::integers(const std::string& name) const {
  return attribute<std::vector<std::int64_t>>(values_, name);
}

double flops_of(const Program& program, const Node& node) {
  if (node.op->view) return 0.0;
  if (node.op->flops) {
    std::vector<TensorType> types;
    types.reserve(node.inputs.size());
    for (const ValueId input : node.inputs) types.push_back(program.value(input).type);
    return node.op->flops({types, node.attributes});
  }
  double elements = 0.0;
  for (const ValueId output : node.outputs)
    elements += static_cast<double>(program.value(output).type.shape.elements());
  return elements;
}

std::vector<Tensor> apply_all(const OpDefinition& op, std::span<const Tensor> inputs, Attributes attributes) {
  if (inputs.empty()) throw Error(op.name + " has no operand to tell its program by");
  Program& program = inputs.front().program();
  std::vector<ValueId> ids;
  ids.reserve(inputs.size());
  for (const Tensor& input : inputs) {
    if (!input.defined()) throw Error(op.name + " was given an undefined tensor");
    if (&input.program() != &program) throw Error(op.name + " was given tensors of two programs");
    ids.push_back(input.id());
  }
  const NodeId node = program.add_node(op, std::move(ids), std::move(attributes));
  std::vector<Tensor> outputs;
  for (const ValueId output : program.node(node).outputs) outputs.emplace_back(program, output);
  return outputs;
}

Tensor apply(const OpDefinition& op, std::span<const Tensor> inputs, Attributes attributes) {
  return apply_all(op, inputs, std::move(attributes)).front();
}

}  // namespace generalizer
