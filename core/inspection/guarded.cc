#include "inspection/guarded.h"

#include <algorithm>

namespace generalizer {

GuardedMemory::GuardedMemory(TensorType type, std::byte filling)
    : type_(std::move(type)), filling_(filling), bytes_(static_cast<std::size_t>(type_.bytes()) + 2 * kGuard, filling) {}

void GuardedMemory::fill(const std::vector<double>& numbers) {
  dispatch_element(type_.dtype, [&]<class T>(T) {
    for (std::size_t i = 0; i < numbers.size(); ++i) host().as<T>()[i] = converted<T>(numbers[i]);
  });
}

std::vector<double> GuardedMemory::numbers() const {
  std::vector<double> result(static_cast<std::size_t>(type_.shape.elements()));
  dispatch_element(type_.dtype, [&]<class T>(T) {
    const T* elements = reinterpret_cast<const T*>(bytes_.data() + kGuard);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<double>(elements[i]);
  });
  return result;
}

std::vector<std::byte> GuardedMemory::content() const {
  return {bytes_.begin() + kGuard, bytes_.end() - kGuard};
}

bool GuardedMemory::written_before() const {
  return std::any_of(bytes_.begin(), bytes_.begin() + kGuard, [&](std::byte b) { return b != filling_; });
}

bool GuardedMemory::written_behind() const {
  return std::any_of(bytes_.end() - kGuard, bytes_.end(), [&](std::byte b) { return b != filling_; });
}

KernelRun run_kernel(const ReferenceKernel& kernel, const Built& built, std::byte filling) {
  const Program& program = *built.program;
  const Node& node = program.nodes().front();
  KernelRun run;
  for (const ValueId id : node.inputs) {
    run.inputs.emplace_back(program.value(id).type, filling);
    run.inputs.back().fill(built.values.at(program.value(id).name));
  }
  for (const ValueId id : node.outputs) run.outputs.emplace_back(program.value(id).type, filling);
  std::vector<HostTensor> from, to;
  for (GuardedMemory& memory : run.inputs) from.push_back(memory.host());
  for (GuardedMemory& memory : run.outputs) to.push_back(memory.host());
  kernel({from, to, node.attributes});
  return run;
}

}  // namespace generalizer
