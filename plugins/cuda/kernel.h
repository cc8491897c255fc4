#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "fusion.h"
#include "generalizer/program.h"

namespace generalizer::cuda {

/// The text of one kernel in CUDA C++, with all shapes and attributes as literals, and how to launch it: blocks of `kBlockThreads`, as many as there are tiles
/// or fewer, which then take several. The arguments are the values' addresses, in the order of the parameters. Text that includes `prelude()` compiles by NVRTC
/// as well as, with a few definitions in front, by a host compiler, which is how kernels are tested without a device.
struct Kernel {
  std::string name;
  std::string text;
  std::int64_t tiles = 0;
  bool barriers = false;  ///< whether a block's threads wait for each other
  std::vector<ValueId> arguments;
  std::size_t reads = 0;  ///< that many of the arguments are read, the others written
  /// (written, read), counted among the arguments: the first may lie in the second's memory, as each element is read for the last time by the thread that
  /// writes it.
  std::vector<std::pair<std::size_t, std::size_t>> in_place;
};

/// What every text begins with: block-wide sums, Philox, conversions.
const std::string& prelude();

/// How a segment is cut up: of a `linear` one each tile has `elements` of the elements, of a `grouped` one each has `side_by_side` groups or, with chunks, a
/// part of them.
struct Tiles {
  std::int64_t count = 1;
  std::int64_t elements = 0;
  std::int64_t together = 1;  ///< elements that a thread takes at once
  std::int64_t side_by_side = 1;
  std::int64_t lanes = 1;  ///< threads for a group
};
Tiles tiles_of(const Segment& segment);

/// Bytes of a value: of partial sums as many as their segment has tiles.
class Sizes {
 public:
  Sizes(const Works& works, const Fusion& fusion);
  std::int64_t partials(ValueId id) const { return partials_[static_cast<std::size_t>(id)]; }
  std::int64_t bytes(ValueId id) const;

 private:
  const Works& works_;
  std::vector<std::int64_t> partials_;  ///< of a total; 0 for every other value
};

/// The kernel of a launch that is no call.
Kernel kernel_of(const Works& works, const Fusion& fusion, const Sizes& sizes, const Launch& launch, const std::string& name);

}  // namespace generalizer::cuda
