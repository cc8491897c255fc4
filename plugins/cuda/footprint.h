#pragma once

#include <map>
#include <vector>

#include "generalizer/backend.h"
#include "plan.h"

namespace generalizer::cuda {

/// Where everything lies that a program needs of the device for itself, in one block of memory: the values of a run, the libraries' work space, the
/// constants, and the inputs, which are there once for each slot.
class Footprint {
 public:
  /// While the device computes with one slot, the next batch is copied into the other.
  static constexpr std::size_t kSlots = 2;

  /// `workspace`: the most that a node of the program wants.
  Footprint(const Program& program, const Plan& plan, std::int64_t workspace);

  /// Of the whole block.
  std::int64_t bytes() const { return end_; }
  /// What it is made of, for a user: `arena` and `scratchpad` add up to `bytes()`.
  MemoryReport report() const { return {end_ - workspace_, end_ - workspace_ - arena_ + unshared_, workspace_}; }

  /// 1 for a program without inputs.
  std::size_t slots() const { return slots_; }
  std::int64_t workspace_offset() const { return arena_; }
  std::int64_t workspace_bytes() const { return workspace_; }
  /// Where the value that owns memory lies in the block; not for variables, which lie elsewhere.
  std::int64_t offset(ValueId owner, std::size_t slot) const;

 private:
  std::int64_t add(std::int64_t bytes);

  const ArenaPlan* plan_;
  std::int64_t arena_ = 0;
  std::int64_t unshared_ = 0;
  std::int64_t workspace_ = 0;
  std::size_t slots_ = 1;
  std::map<ValueId, std::int64_t> constants_;
  std::map<ValueId, std::vector<std::int64_t>> inputs_;  ///< one offset a slot
  std::int64_t end_ = 0;
};

}  // namespace generalizer::cuda
