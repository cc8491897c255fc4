#include "executable.h"

#include <cstring>

#include "generalizer/memory_plan.h"

namespace generalizer::reference {

ReferenceExecutable::ReferenceExecutable(const Program& given, std::map<std::string, Memory>& variables)
    : Executable(given) {
  const Placement placement = place_values(program());
  const ArenaPlan plan = plan_arena(lifetimes_of(program(), placement));
  report_ = {plan.size, plan.unshared, 0};
  arena_ = std::make_unique<Memory>(plan.size);

  for (const ValueId owner : placement.owner) {
    const Value& value = program().value(owner);
    addresses_.push_back(value.kind == ValueKind::variable
                             ? variables.at(value.name).data()
                             : arena_->data() + plan.offsets[static_cast<std::size_t>(owner)]);
  }
  for (const Node& node : program().nodes()) add_call(node);
  for (const Assignment& copy : placement.copies) {
    copies_.push_back({address(copy.variable), address(copy.value),
                       static_cast<std::size_t>(program().value(copy.variable).type.bytes())});
  }
}

void ReferenceExecutable::add_call(const Node& node) {
  Call call{&node, {}, {}};
  for (const ValueId input : node.inputs) call.inputs.push_back(tensor(input));
  for (const ValueId output : node.outputs) call.outputs.push_back(tensor(output));
  const bool shares_memory = node.op->view && call.inputs.front().data == call.outputs.front().data;
  if (shares_memory) return;  // a view has nothing to compute
  if (!node.op->reference) {
    std::string types;
    for (const HostTensor& input : call.inputs) types += (types.empty() ? "" : ", ") + to_string(input.type);
    throw BackendError((node.scope.empty() ? "" : node.scope + ": ") + node.op->name + "(" + types +
                       ") has no reference kernel, and the backend \"reference\" runs nothing else: give the "
                       "op's definition one, or choose a backend that has a kernel for it.");
  }
  calls_.push_back(std::move(call));
}

void ReferenceExecutable::do_set_input(std::size_t index, std::span<const std::byte> bytes) {
  std::memcpy(address(program().inputs()[index]), bytes.data(), bytes.size());
}

void ReferenceExecutable::do_run() {
  for (const Call& call : calls_) {
    call.node->op->reference({call.inputs, call.outputs, call.node->attributes});
  }
  for (const Copy& copy : copies_) std::memcpy(copy.to, copy.from, copy.bytes);
}

void ReferenceExecutable::do_get_output(std::size_t index, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), address(program().outputs()[index].value), bytes.size());
}

}  // namespace generalizer::reference
