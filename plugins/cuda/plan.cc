#include "plan.h"

#include <map>
#include <set>

#include "generalizer/op.h"

namespace generalizer::cuda {
namespace {

class Planner {
 public:
  explicit Planner(const Program& program) : program_(program), readers_(program) {}

  Plan take() {
    find_constants();
    const std::set<ValueId> constants(plan_.constants.begin(), plan_.constants.end());
    // What is filled once must not be written over.
    plan_.placement = place_values(program_, [&](ValueId from, ValueId to) {
      return !constants.contains(from) && !constants.contains(to) && program_.value(from).type.dtype == program_.value(to).type.dtype &&
             program_.value(from).type.bytes() == program_.value(to).type.bytes();
    });
    plan_.arena = plan_arena(lifetimes_of(program_, plan_.placement, [&](ValueId id) {
      // Constants and inputs have memory of their own: inputs are there several times.
      const bool elsewhere = constants.contains(id) || program_.value(id).kind == ValueKind::input;
      return elsewhere ? std::int64_t{0} : program_.value(id).type.bytes();
    }), 256);
    for (const Node& node : program_.nodes()) add(node);
    for (const Assignment& copy : plan_.placement.copies) plan_.steps.emplace_back(CopyStep{copy.variable, copy.value});
    plan_.source = prelude();
    for (const Kernel& kernel : plan_.kernels) plan_.source += kernel.text;
    return std::move(plan_);
  }

 private:
  void find_constants() {
    for (const Node& node : program_.nodes()) {
      if (node.op->name == "constant_values") plan_.constants.push_back(node.outputs[0]);
    }
  }

  ValueId owner(ValueId id) const { return plan_.placement.owner[static_cast<std::size_t>(id)]; }

  void add(const Node& node) {
    if (node.op->name == "constant_values") return;
    if (node.op->view && owner(node.inputs[0]) == owner(node.outputs[0])) return;
    if (by_library(node)) {
      plan_.steps.emplace_back(library_step({&node}, readers_));
    } else if (has_kernel(node.op->name)) {
      add_kernel(kernel_of(program_, node, "NAME"));
    } else if (node.op->cuda) {
      plan_.steps.emplace_back(CustomStep{&node});
    } else {
      throw BackendError((node.scope.empty() ? "" : node.scope + ": ") + node.op->name +
                         " has no kernel for CUDA devices: give the op's definition one (OpDefinition::cuda), or choose backend = \"onednn\".");
    }
  }

  /// Nodes of one kind, on operands of the same shapes, share a kernel.
  void add_kernel(Kernel kernel) {
    KernelStep step{0, std::move(kernel.arguments)};
    kernel.arguments.clear();
    const auto [known, fresh] = by_text_.emplace(kernel.text, plan_.kernels.size());
    step.kernel = known->second;
    if (fresh) {
      kernel.name = "kernel" + std::to_string(plan_.kernels.size());
      kernel.text.replace(kernel.text.find("NAME"), 4, kernel.name);
      plan_.kernels.push_back(std::move(kernel));
    }
    plan_.steps.emplace_back(std::move(step));
  }

  const Program& program_;
  Readers readers_;
  Plan plan_;
  std::map<std::string, std::size_t> by_text_;
};

}  // namespace

Plan plan_of(const Program& program) { return Planner(program).take(); }

std::vector<std::byte> constant_bytes(const Program& program, ValueId constant) {
  const Value& value = program.value(constant);
  const Node& node = program.node(value.producer);
  std::vector<std::byte> bytes(static_cast<std::size_t>(value.type.bytes()));
  const HostTensor memory{bytes.data(), value.type};
  node.op->reference({{}, {&memory, 1}, node.attributes});
  return bytes;
}

}  // namespace generalizer::cuda
