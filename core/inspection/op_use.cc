#include <algorithm>

#include "generalizer/op.h"
#include "inspection/derivative.h"
#include "inspection/use.h"

namespace generalizer {
namespace {

struct Whole {
  std::unique_ptr<Program> program;
  Numbers values;
};

/// The use as it is trained, with the backward pass where it can be derived.
Whole whole(const Use& use, const Circumstances& c) {
  try {
    Derivative derived = derivative_of(use.built(c));
    return {std::move(derived.program), std::move(derived.values)};
  } catch (const Error&) {
    Built built = use.built(c);  // why it can't be derived is said by that type's own check
    return {std::move(built.program), std::move(built.values)};
  }
}

std::vector<const Node*> nodes_of(const Program& program, const OpDefinition& op) {
  std::vector<const Node*> found;
  for (const Node& node : program.nodes()) {
    if (node.op->name == op.name) found.push_back(&node);
  }
  return found;
}

bool is_workspace(const OpDefinition& op, std::size_t output) {
  return std::find(op.workspaces.begin(), op.workspaces.end(), output) != op.workspaces.end();
}

/// By which operands the op's rule gives a gradient. Labels and masks have none, floating or not; where one was forgotten, the gradients of what uses the
/// op are wrong.
std::vector<bool> derived_by(const OpDefinition& op, const Program& program, const Node& node) {
  std::vector<bool> derived(node.inputs.size(), false);
  if (!op.gradient) return derived;
  Program trial("trial");
  std::vector<Tensor> operands;
  for (const ValueId id : node.inputs)
    operands.emplace_back(trial, trial.add_input("x" + std::to_string(operands.size()), program.value(id).type));
  const std::vector<Tensor> outputs = apply_all(op, operands, node.attributes);
  std::vector<Tensor> given;
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    const bool has_gradient = is_floating(outputs[i].dtype()) && !is_workspace(op, i);
    given.push_back(has_gradient ? Tensor(trial, trial.add_input("d" + std::to_string(i), outputs[i].type())) : Tensor());
  }
  const Node own = trial.nodes().back();  // a copy, since the rule appends nodes
  const std::vector<Tensor> gradients = op.gradient({trial, own, operands, outputs, given, std::vector<bool>(operands.size(), true)});
  for (std::size_t i = 0; i < derived.size() && i < gradients.size(); ++i) derived[i] = gradients[i].defined();
  return derived;
}

/// The op alone, where it stands as number `index` of its kind in another type's program.
class OpUse {
 public:
  OpUse(const OpDefinition& op, Use other, std::size_t index, std::vector<bool> derived, const BackendType& reference)
      : op_(op), other_(std::move(other)), index_(index), derived_(std::move(derived)), reference_(reference) {}

  Built operator()(const Parameters&, const Circumstances& c) const {
    Circumstances exact = c;
    exact.floating = DType::f64;  // the same numbers, whatever they are computed in
    const Whole all = whole(other_, exact);
    const Node& node = *nodes_of(*all.program, op_).at(index_);
    Program probe = *all.program;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) probe.add_output("operand " + std::to_string(i), node.inputs[i]);
    const Numbers numbers = ProgramRunner(reference_, probe).run(all.values);

    Built built;
    std::vector<Tensor> operands;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      TensorType type = all.program->value(node.inputs[i]).type;
      const std::string name = "x" + std::to_string(i);
      std::vector<double> values = numbers.at("operand " + std::to_string(i));
      if (is_floating(type.dtype)) {
        type.dtype = c.floating;
        for (double& x : values) x = static_cast<float>(x);
      }
      built.values[name] = std::move(values);
      operands.emplace_back(*built.program, built.program->add_input(name, type));
      if (derived_[i] && is_floating(type.dtype)) built.differentiable.push_back(operands.back());
    }
    const std::vector<Tensor> outputs = apply_all(op_, operands, node.attributes);
    for (std::size_t i = 0; i < outputs.size(); ++i) {
      if (is_floating(outputs[i].dtype()) && !is_workspace(op_, i)) built.outputs.push_back(outputs[i]);
    }
    return built;
  }

 private:
  const OpDefinition& op_;
  Use other_;
  std::size_t index_;
  std::vector<bool> derived_;
  const BackendType& reference_;
};

struct Seen {
  std::vector<TensorType> types;
  Attributes attributes;
  bool operator==(const Seen&) const = default;
};

}  // namespace

std::vector<Use> uses_of(const OpDefinition& op, const std::vector<Use>& others, const BackendType& reference) {
  constexpr std::size_t enough = 4;
  std::vector<Use> uses;
  std::vector<Seen> seen;
  for (const Use& other : others) {
    Whole all;
    try {
      all = whole(other, {});
    } catch (const Error&) {
      continue;  // what is wrong with it is said where that type is checked
    }
    const std::vector<const Node*> nodes = nodes_of(*all.program, op);
    for (std::size_t index = 0; index < nodes.size() && uses.size() < enough; ++index) {
      Seen now{{}, nodes[index]->attributes};
      for (const ValueId id : nodes[index]->inputs) now.types.push_back(all.program->value(id).type);
      if (std::find(seen.begin(), seen.end(), now) != seen.end()) continue;
      Use use;
      for (const TensorType& type : now.types) {
        use.size += type.shape.elements();
        use.operands += (use.operands.empty() ? "" : " and ") + type.shape.to_string();
      }
      use.build = OpUse(op, other, index, derived_by(op, *all.program, *nodes[index]), reference);
      uses.push_back(std::move(use));
      seen.push_back(std::move(now));
    }
  }
  return uses;
}

}  // namespace generalizer
