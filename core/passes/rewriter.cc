#include "passes/rewriter.h"

namespace generalizer {

Rewriter::Rewriter(const Program& source)
    : source_(source), result_(source.name()), map_(source.values().size(), no_value) {
  result_.set_arithmetic(source.arithmetic());
  for (const ValueId id : source.inputs())
    replace(id, result_.add_input(source.value(id).name, source.value(id).type));
}

void Rewriter::declare(ValueId variable) {
  replace(variable, result_.add_variable(source_.value(variable).name, source_.value(variable).type));
}

void Rewriter::declare_all_variables() {
  for (const ValueId id : source_.variables()) declare(id);
}

void Rewriter::copy(const Node& node) {
  std::vector<ValueId> inputs;
  inputs.reserve(node.inputs.size());
  for (const ValueId input : node.inputs) inputs.push_back((*this)(input));
  result_.set_scope(node.scope);
  const NodeId made = result_.add_node(*node.op, std::move(inputs), node.attributes);
  for (std::size_t i = 0; i < node.outputs.size(); ++i) {
    const ValueId output = result_.node(made).outputs[i];
    result_.rename(output, source_.value(node.outputs[i]).name);
    replace(node.outputs[i], output);
  }
}

Program Rewriter::finish(const std::map<ValueId, ValueId>& instead) {
  const auto taken = [&](ValueId id) {
    const auto found = instead.find(id);
    return found == instead.end() ? (*this)(id) : found->second;
  };
  for (const Assignment& assignment : source_.assignments()) {
    result_.assign((*this)(assignment.variable), taken(assignment.value));
  }
  for (const Output& output : source_.outputs()) result_.add_output(output.name, taken(output.value));
  result_.set_scope(source_.scope());
  return std::move(result_);
}

}  // namespace generalizer
