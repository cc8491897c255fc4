#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "generalizer/program.h"

namespace generalizer {

/// When a value is needed, in node positions of a schedule: made at `first`, last read at `last` (both inclusive).
struct Lifetime {
  std::int64_t bytes = 0;
  std::int32_t first = 0;
  std::int32_t last = 0;
};

struct ArenaPlan {
  std::vector<std::int64_t> offsets;  ///< one a lifetime, multiples of the alignment
  std::int64_t size = 0;              ///< bytes of the arena
  std::int64_t unshared = 0;          ///< sum of all sizes, aligned
};

/// Places buffers in one arena so that no two that live at the same time overlap: largest first, each in the lowest gap that fits
/// (Pisarchyk, Lee, 2020, "Efficient memory management for deep neural net inference", greedy by size). A lifetime of 0 bytes takes none.
GENERALIZER_EXPORT ArenaPlan plan_arena(const std::vector<Lifetime>& lifetimes, std::int64_t alignment = 64);

/// Which value's buffer a value lives in, so that copies are saved.
struct Placement {
  /// For each value the value whose memory it shares: itself, the source of a view or of an in-place op, or the variable that it is assigned to.
  std::vector<ValueId> owner;
  /// Assignments whose value could not be made in the variable's own memory: the backend copies at the end, in this order.
  std::vector<Assignment> copies;
};

/// Decides views, in-place results and results made directly in their variable's memory, without changing what any node reads.
/// `may_share(a, b)`: whether a backend can let `b` take over `a`'s bytes (same size and layout); empty: same type.
GENERALIZER_EXPORT Placement
place_values(const Program& program, const std::function<bool(ValueId from, ValueId to)>& may_share = {});

/// Lifetimes by owner (one per value; 0 bytes for values that own no arena memory: inputs excepted, variables, views). Outputs live to the end.
GENERALIZER_EXPORT std::vector<Lifetime> lifetimes_of(const Program& program, const Placement& placement,
                                                      const std::function<std::int64_t(ValueId)>& bytes = {});

/// What a plain row-major backend needs for one run: `check` prints it without compiling anything.
GENERALIZER_EXPORT ArenaPlan plan_program(const Program& program);

}  // namespace generalizer
