#pragma once

#include <cstdint>
#include <vector>

#include "work.h"

namespace generalizer::cuda {

/// Works that share one loop, or one call of a library: what one makes for the next stays in a register.
struct Segment {
  enum class Kind : std::uint8_t {
    single,   ///< all of one number: a thread does them
    linear,   ///< element by element
    grouped,  ///< group by group, with whatever is done to the groups' elements
    blocks,
    call,  ///< of a library or a custom op
  };
  Kind kind = Kind::call;
  std::int64_t items = 0;  ///< elements; of `blocks` the blocks
  Groups groups;           ///< of `grouped`
  std::vector<std::size_t> works;  ///< in the order of the program
};

/// What runs at once: segments of one kernel, none of which waits for another; or one call.
struct Launch {
  std::vector<Segment> segments;
  bool is_call() const { return segments.front().kind == Segment::Kind::call; }
};

/// Values that a kernel gets the addresses of: 3.5 KB, of the 4 KB that a launch takes on every card.
constexpr std::size_t kMostArguments = 448;
/// Works of a segment, and values that it reads from memory: an element's values are kept in registers, of which a thread of 256 has 255 at most, and more
/// than about 64 keep other threads off the processor.
constexpr std::size_t kMostWorks = 48;
constexpr std::size_t kMostReads = 24;

/// What a program is fused to: `launches` in the order in which they run. A value that only its segment reads lies nowhere.
class Fusion {
 public:
  explicit Fusion(const Works& works);
  const std::vector<Launch>& launches() const { return launches_; }
  /// Whether a value has to lie in memory: others than its segment read it, or it is kept.
  bool in_memory(ValueId id) const { return in_memory_[static_cast<std::size_t>(id)]; }

 private:
  std::vector<Launch> launches_;
  std::vector<bool> in_memory_;
};

}  // namespace generalizer::cuda
