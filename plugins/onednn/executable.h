#pragma once

#include "generalizer/backend.h"
#include "schedule.h"

namespace generalizer::onednn {

/// A schedule with its memory. Running walks the instructions and allocates nothing, but for a few small objects that oneDNN makes for each
/// primitive.
class CompiledProgram final : public Executable {
 public:
  /// `threads`: how many the kernels were made for.
  CompiledProgram(Program program, Schedule schedule, int threads);

 protected:
  void do_set_input(std::size_t index, std::span<const std::byte> bytes) override;
  void do_run() override;
  void do_get_output(std::size_t index, std::span<std::byte> bytes) override;
  MemoryReport do_memory() const override { return report_; }

 private:
  Schedule schedule_;
  AlignedMemory arena_;
  AlignedMemory scratchpad_;
  std::vector<std::byte*> pointers_;  ///< by buffer
  MemoryReport report_;
  int threads_;
};

}  // namespace generalizer::onednn
