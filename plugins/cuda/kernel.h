#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "generalizer/program.h"

namespace generalizer::cuda {

/// How a kernel's work is laid out on the device.
enum class Layout : std::uint8_t {
  thread_each,  ///< a thread for each item: elementwise work, gathering
  block_each,   ///< a block of `kBlockThreads` for each item: sums over a row, a channel, everything
};

constexpr unsigned kBlockThreads = 256;

/// The text of one kernel in CUDA C++, with all shapes and attributes as literals, and how to launch it. The arguments are the values' addresses, in the
/// order of the parameters. Text that includes `prelude()` compiles by NVRTC as well as, with a few definitions in front, by a host compiler, which is how
/// kernels are tested without a device.
struct Kernel {
  std::string name;
  std::string text;
  std::int64_t items = 0;
  Layout layout = Layout::thread_each;
  std::vector<ValueId> arguments;
};

/// What every text begins with: block-wide sums, Philox, conversions.
const std::string& prelude();

/// The kernel of a node that isn't a view; throws `BackendError` for an op that has none: matmul and the convolutions, which libraries compute, and a
/// custom op without one.
Kernel kernel_of(const Program& program, const Node& node, const std::string& name);
/// Whether `kernel_of` has a kernel for the op.
bool has_kernel(const std::string& op);

}  // namespace generalizer::cuda
