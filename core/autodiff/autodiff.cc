#include "autodiff/autodiff.h"

#include <algorithm>

#include "generalizer/ops.h"

namespace generalizer {
namespace {

std::string place_of(const Node& node) {
  return node.op->name + (node.scope.empty() ? "" : " in " + node.scope);
}

/// Sets the program's scope for as long as it lives.
class ScopeGuard {
 public:
  ScopeGuard(Program& program, const std::string& scope) : program_(program), before_(program.scope()) {
    program.set_scope(scope);
  }
  ~ScopeGuard() { program_.set_scope(before_); }
  ScopeGuard(const ScopeGuard&) = delete;
  ScopeGuard& operator=(const ScopeGuard&) = delete;

 private:
  Program& program_;
  std::string before_;
};

/// One sweep over the nodes that lead from the wanted values to the loss, last first.
class ReverseSweep {
 public:
  ReverseSweep(Program& program, std::span<const Tensor> wanted)
      : program_(program), gradients_(program.values().size()) {
    mark_dependent(wanted);
  }

  void run(const Tensor& loss, const Tensor& seed) {
    gradients_[index(loss.id())] = seed;
    for (NodeId id = program_.value(loss.id()).producer; id >= 0; --id) visit(id);
  }

  /// Undefined where the loss doesn't depend on it.
  const Tensor& gradient(ValueId id) const { return gradients_[index(id)]; }

 private:
  static std::size_t index(ValueId id) { return static_cast<std::size_t>(id); }

  /// Marks the floating values that change with a wanted one: no other needs a gradient.
  void mark_dependent(std::span<const Tensor> wanted) {
    dependent_.assign(program_.values().size(), false);
    for (const Tensor& tensor : wanted) dependent_[index(tensor.id())] = true;
    for (const Node& node : program_.nodes()) {
      if (!std::any_of(node.inputs.begin(), node.inputs.end(),
                       [&](ValueId id) { return dependent_[index(id)]; }))
        continue;
      for (const ValueId output : node.outputs) {
        if (is_floating(program_.value(output).type.dtype)) dependent_[index(output)] = true;
      }
    }
  }

  void visit(NodeId id) {
    const Node node = program_.node(id);  // a copy: the rule appends to the program, which moves its nodes
    const bool reached = std::any_of(node.outputs.begin(), node.outputs.end(),
                                     [&](ValueId output) { return gradients_[index(output)].defined(); });
    const bool wanted = std::any_of(node.inputs.begin(), node.inputs.end(),
                                    [&](ValueId input) { return dependent_[index(input)]; });
    if (!reached || !wanted) return;
    if (!node.op->gradient)
      throw Error(place_of(node) + " has no derivative, and the loss depends on a trained value through it");

    const ScopeGuard scope(program_, node.scope);
    const std::vector<Tensor> found = node.op->gradient(context_of(node));
    if (found.size() != node.inputs.size()) {
      throw Error("the gradient rule of " + place_of(node) + " gives " + std::to_string(found.size()) +
                  " gradients for " + std::to_string(node.inputs.size()) +
                  " operands; it has to give one each, undefined where there is none");
    }
    for (std::size_t i = 0; i < found.size(); ++i) {
      if (found[i].defined() && dependent_[index(node.inputs[i])]) accumulate_gradient(node, i, found[i]);
    }
  }

  GradientContext context_of(const Node& node) {
    GradientContext context{program_, node, {}, {}, {}, {}};
    for (const ValueId input : node.inputs) {
      context.inputs.emplace_back(program_, input);
      context.wanted.push_back(dependent_[index(input)]);
    }
    for (const ValueId output : node.outputs) {
      context.outputs.emplace_back(program_, output);
      context.output_gradients.push_back(gradients_[index(output)]);
    }
    return context;
  }

  /// A value with several readers gets the sum of what each of them sends back.
  void accumulate_gradient(const Node& node, std::size_t operand, const Tensor& gradient) {
    const TensorType& type = program_.value(node.inputs[operand]).type;
    if (gradient.type() != type) {
      throw Error("the gradient rule of " + place_of(node) + " gives " + to_string(gradient.type()) +
                  " for operand " + std::to_string(operand) + ", which is " + to_string(type));
    }
    Tensor& sum = gradients_[index(node.inputs[operand])];
    sum = sum.defined() ? add(sum, gradient) : gradient;
  }

  Program& program_;
  std::vector<Tensor> gradients_;  // by value, of those that were there before the sweep
  std::vector<bool> dependent_;    // by value
};

void check(const Tensor& loss, std::span<const Tensor> variables, const Tensor& seed) {
  if (!loss.defined()) throw Error("gradients of an undefined tensor were asked for");
  if (!is_floating(loss.dtype()) || loss.rank() != 0) {
    throw Error("a loss has to be a floating point scalar to be derived; this one is " +
                to_string(loss.type()));
  }
  if (seed.defined() && (&seed.program() != &loss.program() || seed.type() != loss.type())) {
    throw Error("the gradient that a loss starts from is " + to_string(seed.type()) +
                "; it has to be of the loss's program and type, " + to_string(loss.type()));
  }
  for (const Tensor& variable : variables) {
    if (!variable.defined() || &variable.program() != &loss.program()) {
      throw Error("a gradient by a tensor was asked for that is not of the loss's program");
    }
    if (!is_floating(variable.dtype())) {
      throw Error("a gradient by " + to_string(variable.type()) +
                  " was asked for; only floating point values have one");
    }
  }
}

}  // namespace

std::vector<Tensor> gradients(const Tensor& loss, std::span<const Tensor> variables, Tensor seed) {
  check(loss, variables, seed);
  Program& program = loss.program();
  ReverseSweep sweep(program, variables);
  sweep.run(loss, seed.defined() ? seed : fill(program, loss.type(), 1.0));

  std::vector<Tensor> result;
  result.reserve(variables.size());
  for (const Tensor& variable : variables) {
    const Tensor& gradient = sweep.gradient(variable.id());
    result.push_back(gradient.defined() ? gradient : fill(program, variable.type(), 0.0));
  }
  return result;
}

}  // namespace generalizer
