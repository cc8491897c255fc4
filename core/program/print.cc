#include <fmt/format.h>

#include "generalizer/op.h"

namespace generalizer {
namespace {

std::string text_of(const AttributeValue& value) {
  struct Visitor {
    std::string operator()(std::int64_t v) const { return std::to_string(v); }
    std::string operator()(double v) const { return fmt::format("{}", v); }
    std::string operator()(const std::string& v) const { return "\"" + v + "\""; }
    std::string operator()(const std::vector<std::int64_t>& v) const {
      return fmt::format("[{}]", fmt::join(v, ", "));
    }
    std::string operator()(const std::vector<double>& v) const {
      return fmt::format("[{}]", fmt::join(v, ", "));
    }
  };
  return std::visit(Visitor{}, value);
}

std::string operand(const Program& program, ValueId id) {
  const Value& value = program.value(id);
  return value.kind == ValueKind::result ? fmt::format("%{}", id) : "@" + value.name;
}

std::string node_line(const Program& program, const Node& node) {
  std::string results;
  for (const ValueId output : node.outputs) {
    results +=
        fmt::format("{}%{}: {}", results.empty() ? "" : ", ", output, to_string(program.value(output).type));
  }
  std::string operands;
  for (const ValueId input : node.inputs)
    operands += (operands.empty() ? "" : ", ") + operand(program, input);
  std::string attributes;
  for (const auto& [name, value] : node.attributes.values()) {
    attributes += fmt::format("{}{} = {}", attributes.empty() ? "" : ", ", name, text_of(value));
  }
  return fmt::format("  {} = {}({}){}{}\n", results, node.op->name, operands,
                     attributes.empty() ? "" : " {" + attributes + "}",
                     node.scope.empty() ? "" : "  # " + node.scope);
}

}  // namespace

const char* name_of(Arithmetic arithmetic) {
  switch (arithmetic) {
    case Arithmetic::exact:
      return "exact";
    case Arithmetic::tf32:
      return "tf32";
    case Arithmetic::bf16:
      return "bf16";
  }
  return "";
}

std::string Program::to_string() const {
  std::string text = fmt::format("program \"{}\" {{\n", name_);
  if (arithmetic_ != Arithmetic::exact) text += fmt::format("  products in {}\n", name_of(arithmetic_));
  for (const ValueId id : inputs_)
    text += fmt::format("  input    @{}: {}\n", value(id).name, generalizer::to_string(value(id).type));
  for (const ValueId id : variables_)
    text += fmt::format("  variable @{}: {}\n", value(id).name, generalizer::to_string(value(id).type));
  for (const Node& node : nodes_) text += node_line(*this, node);
  for (const Assignment& a : assignments_)
    text += fmt::format("  assign   {} <- {}\n", operand(*this, a.variable), operand(*this, a.value));
  for (const Output& output : outputs_)
    text += fmt::format("  output   {} = {}\n", output.name, operand(*this, output.value));
  return text + "}\n";
}

}  // namespace generalizer
