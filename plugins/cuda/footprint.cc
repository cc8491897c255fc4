#include "footprint.h"

namespace generalizer::cuda {
namespace {

/// What `cudaMalloc` aligns to, and all libraries are content with.
constexpr std::int64_t kAlignment = 256;

std::int64_t aligned(std::int64_t bytes) { return (bytes + kAlignment - 1) / kAlignment * kAlignment; }

}  // namespace

Footprint::Footprint(const Program& program, const Plan& plan, std::int64_t workspace)
    : plan_(&plan.arena), arena_(aligned(plan.arena.size)), unshared_(aligned(plan.arena.unshared)), workspace_(aligned(workspace)), end_(arena_ + workspace_) {
  if (!program.inputs().empty()) slots_ = kSlots;
  for (const ValueId constant : plan.constants) constants_[constant] = add(program.value(constant).type.bytes());
  for (std::size_t slot = 0; slot < slots_; ++slot) {
    for (const ValueId input : program.inputs()) inputs_[input].push_back(add(program.value(input).type.bytes()));
  }
}

std::int64_t Footprint::add(std::int64_t bytes) {
  const std::int64_t begin = end_;
  end_ += aligned(bytes);
  return begin;
}

std::int64_t Footprint::offset(ValueId owner, std::size_t slot) const {
  if (const auto constant = constants_.find(owner); constant != constants_.end()) return constant->second;
  if (const auto input = inputs_.find(owner); input != inputs_.end()) return input->second[slot];
  return plan_->offsets[static_cast<std::size_t>(owner)];
}

}  // namespace generalizer::cuda
