#include "generalizer/program.h"

#include <algorithm>
#include <set>

#include "generalizer/op.h"

namespace generalizer {
namespace {

std::string signature_text(const OpDefinition& op, std::span<const TensorType> types) {
  std::string text = op.name + "(";
  for (std::size_t i = 0; i < types.size(); ++i) text += (i == 0 ? "" : ", ") + to_string(types[i]);
  return text + ")";
}

[[noreturn]] void refuse(const OpDefinition& op, const std::string& scope, std::span<const TensorType> types,
                         const std::string& why) {
  throw Error((scope.empty() ? "" : scope + ": ") + signature_text(op, types) + ": " + why);
}

bool variadic(const OpDefinition& op) {
  return !op.input_names.empty() && op.input_names.back().ends_with("...");
}

void check_operand_count(const OpDefinition& op, const std::string& scope,
                         std::span<const TensorType> types) {
  const std::size_t declared = op.input_names.size();
  const bool fits = variadic(op) ? types.size() + 1 >= declared : types.size() == declared;
  if (!fits) {
    refuse(op, scope, types,
           "takes " + std::to_string(declared) + " operands, got " + std::to_string(types.size()));
  }
}

}  // namespace

ValueId Program::add_input(const std::string& name, TensorType type) {
  if (find_input(name)) throw Error("program \"" + name_ + "\" already has an input \"" + name + "\"");
  const auto id = static_cast<ValueId>(values_.size());
  values_.push_back({name, std::move(type), ValueKind::input, no_node, 0});
  inputs_.push_back(id);
  return id;
}

ValueId Program::add_variable(const std::string& name, TensorType type) {
  if (const std::optional<ValueId> known = find_variable(name)) {
    if (value(*known).type != type) {
      throw Error("variable \"" + name + "\" is " + generalizer::to_string(value(*known).type) +
                  " and was asked for as " + generalizer::to_string(type));
    }
    return *known;
  }
  const auto id = static_cast<ValueId>(values_.size());
  values_.push_back({name, std::move(type), ValueKind::variable, no_node, 0});
  variables_.push_back(id);
  return id;
}

NodeId Program::add_node(const OpDefinition& op, std::vector<ValueId> inputs, Attributes attributes) {
  std::vector<TensorType> types;
  types.reserve(inputs.size());
  for (const ValueId input : inputs) {
    if (input < 0 || static_cast<std::size_t>(input) >= values_.size()) {
      throw Error(op.name + " was given a value that program \"" + name_ + "\" does not have");
    }
    types.push_back(value(input).type);
  }
  check_operand_count(op, scope_, types);
  std::vector<TensorType> results;
  try {
    results = op.infer({types, attributes});
  } catch (const Error& error) {
    refuse(op, scope_, types, error.what());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // a custom op's rule may throw anything
    refuse(op, scope_, types, std::string("its shape rule failed: ") + error.what());
  } catch (...) {
    refuse(op, scope_, types, "its shape rule failed and doesn't say why: it threw something that is no std::exception");
  }
  const auto id = static_cast<NodeId>(nodes_.size());
  Node node{&op, std::move(attributes), std::move(inputs), {}, scope_};
  for (std::size_t i = 0; i < results.size(); ++i) {
    node.outputs.push_back(static_cast<ValueId>(values_.size()));
    values_.push_back({op.output_names.size() > i ? op.output_names[i] : std::string{}, std::move(results[i]),
                       ValueKind::result, id, i});
  }
  nodes_.push_back(std::move(node));
  return id;
}

void Program::assign(ValueId variable, ValueId new_value) {
  const Value& target = value(variable);
  if (target.kind != ValueKind::variable)
    throw Error("\"" + target.name + "\" is no variable and can't be assigned");
  if (target.type != value(new_value).type) {
    throw Error("variable \"" + target.name + "\" is " + generalizer::to_string(target.type) +
                " and can't take " + generalizer::to_string(value(new_value).type));
  }
  for (const Assignment& assignment : assignments_) {
    if (assignment.variable == variable)
      throw Error("variable \"" + target.name + "\" is assigned twice in \"" + name_ + "\"");
  }
  assignments_.push_back({variable, new_value});
}

void Program::add_output(const std::string& name, ValueId id) {
  if (find_output(name)) throw Error("program \"" + name_ + "\" already has an output \"" + name + "\"");
  outputs_.push_back({name, id});
}

std::optional<ValueId> Program::find_variable(const std::string& name) const {
  const auto found =
      std::find_if(variables_.begin(), variables_.end(), [&](ValueId id) { return value(id).name == name; });
  return found == variables_.end() ? std::nullopt : std::optional(*found);
}

std::optional<std::size_t> Program::find_input(const std::string& name) const {
  const auto found =
      std::find_if(inputs_.begin(), inputs_.end(), [&](ValueId id) { return value(id).name == name; });
  return found == inputs_.end() ? std::nullopt
                                : std::optional(static_cast<std::size_t>(found - inputs_.begin()));
}

std::optional<std::size_t> Program::find_output(const std::string& name) const {
  const auto found = std::find_if(outputs_.begin(), outputs_.end(),
                                  [&](const Output& output) { return output.name == name; });
  return found == outputs_.end() ? std::nullopt
                                 : std::optional(static_cast<std::size_t>(found - outputs_.begin()));
}

void Program::verify() const {
  const auto fail = [&](const std::string& what) {
    throw Error("program \"" + name_ + "\" is malformed: " + what);
  };
  std::set<std::string> names;
  for (const Value& v : values_) {
    if (v.kind != ValueKind::result && !names.insert(v.name).second)
      fail("the name \"" + v.name + "\" is used twice");
    for (const std::int64_t extent : v.type.shape) {
      if (extent < 1) fail("\"" + v.name + "\" has the shape " + v.type.shape.to_string());
    }
  }
  std::vector<bool> made(values_.size(), false);
  for (std::size_t id = 0; id < values_.size(); ++id) made[id] = values_[id].kind != ValueKind::result;
  for (std::size_t id = 0; id < nodes_.size(); ++id) {
    const Node& n = nodes_[id];
    const std::string who =
        n.op->name + " (node " + std::to_string(id) + (n.scope.empty() ? "" : ", " + n.scope) + ")";
    std::vector<TensorType> types;
    for (const ValueId input : n.inputs) {
      if (input < 0 || static_cast<std::size_t>(input) >= values_.size())
        fail(who + " reads a value that does not exist");
      if (!made[static_cast<std::size_t>(input)])
        fail(who + " reads %" + std::to_string(input) + " before it is made");
      types.push_back(value(input).type);
    }
    const std::vector<TensorType> expected = n.op->infer({types, n.attributes});
    if (expected.size() != n.outputs.size())
      fail(who + " has " + std::to_string(n.outputs.size()) + " outputs");
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const Value& v = value(n.outputs[i]);
      if (v.type != expected[i]) {
        fail(who + " makes " + generalizer::to_string(expected[i]) + " where " +
             generalizer::to_string(v.type) + " is declared");
      }
      if (v.producer != static_cast<NodeId>(id) || v.output_index != i)
        fail(who + " makes a value that names another producer");
      made[static_cast<std::size_t>(n.outputs[i])] = true;
    }
  }
  std::set<ValueId> assigned;
  for (const Assignment& a : assignments_) {
    if (value(a.variable).kind != ValueKind::variable)
      fail("\"" + value(a.variable).name + "\" is assigned and no variable");
    if (!assigned.insert(a.variable).second) fail("\"" + value(a.variable).name + "\" is assigned twice");
    if (!made[static_cast<std::size_t>(a.value)])
      fail("\"" + value(a.variable).name + "\" is assigned a value that nobody makes");
    if (value(a.variable).type != value(a.value).type)
      fail("\"" + value(a.variable).name + "\" is assigned a value of another type");
  }
  for (const Output& output : outputs_) {
    if (!made[static_cast<std::size_t>(output.value)])
      fail("output \"" + output.name + "\" is a value that nobody makes");
  }
}

}  // namespace generalizer
