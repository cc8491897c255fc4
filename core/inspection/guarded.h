#pragma once

#include <cstddef>
#include <vector>

#include "generalizer/op.h"
#include "inspection/use.h"

namespace generalizer {

/// Host memory of one tensor between guards. Guards and elements begin as `filling`, so that what a kernel leaves unwritten, writes beside or reads
/// beside shows when it runs again with another filling.
class GuardedMemory {
 public:
  GuardedMemory(TensorType type, std::byte filling);
  HostTensor host() { return {bytes_.data() + kGuard, type_}; }
  void fill(const std::vector<double>& numbers);
  std::vector<double> numbers() const;
  /// The elements' bytes.
  std::vector<std::byte> content() const;
  const TensorType& type() const { return type_; }
  bool written_before() const;  ///< the first element
  bool written_behind() const;  ///< the last element

 private:
  static constexpr std::size_t kGuard = 256;
  TensorType type_;
  std::byte filling_;
  std::vector<std::byte> bytes_;
};

/// A kernel's operands and results after a run.
struct KernelRun {
  std::vector<GuardedMemory> inputs, outputs;
};
/// Runs the only node of `built` by a kernel.
KernelRun run_kernel(const ReferenceKernel& kernel, const Built& built, std::byte filling);

}  // namespace generalizer
