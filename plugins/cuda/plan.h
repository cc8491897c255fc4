#pragma once

#include <string>
#include <variant>
#include <vector>

#include "generalizer/memory_plan.h"
#include "kernel.h"
#include "library_step.h"

namespace generalizer::cuda {

/// A launch of kernel `kernel` of the plan; `arguments` are the values whose addresses it gets.
struct KernelStep {
  std::size_t kernel = 0;
  std::vector<ValueId> arguments;
};
/// A plugin's own op by its kernel for CUDA devices.
struct CustomStep {
  const Node* node = nullptr;
};
struct CopyStep {
  ValueId to = no_value, from = no_value;
};
using Step = std::variant<KernelStep, LibraryStep, CustomStep, CopyStep>;

/// What a program is on a device: the text of its kernels, what is launched in which order, and where its values lie. Needs no device to be made.
/// Beyond the program's values there are some that only kernels know of: partial sums, factors; their ids follow the program's.
struct Plan {
  Placement placement;  ///< of all values; those that stay in registers own nothing
  std::vector<std::int64_t> bytes;  ///< of each value
  ArenaPlan arena;      ///< of what is neither variable, constant nor input: an offset for each value
  std::vector<Kernel> kernels;  ///< each text once
  std::string source;           ///< of all kernels, with the prelude
  std::vector<Step> steps;
  std::vector<ValueId> constants;  ///< filled once, in memory of their own
};

/// `program` outlives the plan. Throws `BackendError` with op and scope for a custom op without a kernel for CUDA devices.
Plan plan_of(const Program& program);

/// Row-major bytes of a `constant_values` node's result.
std::vector<std::byte> constant_bytes(const Program& program, ValueId constant);

}  // namespace generalizer::cuda
