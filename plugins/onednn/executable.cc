#include "executable.h"

#include <cstring>

#include <omp.h>

#include "denormals.h"
#include "generalizer/memory_plan.h"

namespace generalizer::onednn {

CompiledProgram::CompiledProgram(Program program, Schedule schedule, int threads)
    : Executable(std::move(program)), schedule_(std::move(schedule)), threads_(threads) {
  std::vector<Lifetime> lifetimes;
  for (const Buffer& buffer : schedule_.buffers) {
    const bool planned = buffer.fixed == nullptr && buffer.first >= 0;
    lifetimes.push_back({planned ? buffer.bytes : 0, buffer.first, buffer.last});
  }
  const ArenaPlan plan = plan_arena(lifetimes);
  arena_ = AlignedMemory(plan.size);
  scratchpad_ = AlignedMemory(schedule_.scratchpad_bytes);
  for (std::size_t i = 0; i < schedule_.buffers.size(); ++i) {
    std::byte* fixed = schedule_.buffers[i].fixed;
    pointers_.push_back(fixed != nullptr ? fixed : arena_.data() + plan.offsets[i]);
  }
  for (const auto& instruction : schedule_.instructions)
    instruction->bind(Pointers(pointers_.data()), scratchpad_.data());
  report_ = {plan.size, plan.unshared, schedule_.scratchpad_bytes};
}

void CompiledProgram::do_set_input(std::size_t index, std::span<const std::byte> bytes) {
  std::memcpy(pointers_[static_cast<std::size_t>(schedule_.inputs[index])], bytes.data(), bytes.size());
}

void CompiledProgram::do_run() {
  omp_set_num_threads(threads_);  // the calling thread's own setting: it may not be the one that compiled
  const FlushDenormals flush;
#pragma omp parallel
  if (omp_get_thread_num() != 0) FlushDenormals::for_good();
  const Pointers pointers(pointers_.data());
  for (const auto& instruction : schedule_.instructions) instruction->run(pointers);
}

void CompiledProgram::do_get_output(std::size_t index, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), pointers_[static_cast<std::size_t>(schedule_.outputs[index])], bytes.size());
}

}  // namespace generalizer::onednn
