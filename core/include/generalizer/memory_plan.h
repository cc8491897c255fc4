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

/// Places buffers in one arena so that no two that live at the same time overlap: largest first, each in the lowest
/// gap that fits (Pisarchyk, Lee, 2020, "Efficient memory management for deep neural net inference", greedy by
/// size). A lifetime of 0 bytes takes none.
GENERALIZER_EXPORT ArenaPlan plan_arena(const std::vector<Lifetime>& lifetimes, std::int64_t alignment = 64);

/// Which value's buffer a value lives in, so that copies are saved.
struct Placement {
  /// For each value the value whose memory it shares: itself, the source of a view or of an in-place op, or the
  /// variable that it is assigned to. Owners are owned by themselves.
  std::vector<ValueId> owner;
  /// Assignments whose value could not be made in the variable's own memory: the backend copies at the end, in this
  /// order.
  std::vector<Assignment> copies;
};

/// Decides views, in-place results and results made directly in their variable's memory, without changing what any
/// node reads. A program's outputs never live in a variable that it changes, inputs are never overwritten, and
/// nodes must run in the program's order.
///
/// `may_share(from, to)`: whether the backend can let `to` take over the bytes of `from` (same size and layout);
/// asked for views, in-place results and variables alike. Empty: plain row-major memory, where views always can and
/// others when their types are equal. A view that may not share owns its memory (`owner[view] == view`): its node
/// has to copy.
///
/// Throws `Error` when an old value would have to outlive the change of its variable (two variables that swap their
/// values, an output that shows a variable from before its assignment): `keep_old_values` cures that, and a session
/// calls it before it compiles.
GENERALIZER_EXPORT Placement
place_values(const Program& program, const std::function<bool(ValueId from, ValueId to)>& may_share = {});

/// The same program, with a node that copies (`cast` to the same type) wherever an old value would have to outlive
/// the change of its variable, and for outputs that are an input or a variable under another name: whatever changes
/// those before the output is read, it stays.
GENERALIZER_EXPORT Program keep_old_values(const Program& program);

/// Lifetimes, one a value, by owner: 0 bytes for values that own no arena memory (variables, and what lives in
/// another's memory). Inputs live through the whole run, so that a run can be repeated and an output be read after
/// the next input has been set; outputs and sources of copies live to the end. `bytes`: a value's size on the
/// device; empty: row-major.
GENERALIZER_EXPORT std::vector<Lifetime> lifetimes_of(const Program& program, const Placement& placement,
                                                      const std::function<std::int64_t(ValueId)>& bytes = {});

/// What a plain row-major backend needs for one run: `check` prints it without compiling anything.
GENERALIZER_EXPORT ArenaPlan plan_program(const Program& program);

}  // namespace generalizer
