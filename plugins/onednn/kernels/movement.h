#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "generalizer/shape.h"

namespace generalizer::onednn {

/// Copies a box of elements of 1, 4 or 8 bytes between two strided places: `extents` outermost first, strides in elements.
struct BoxCopy {
  std::vector<std::int64_t> extents;
  std::vector<std::int64_t> from_strides;
  std::vector<std::int64_t> to_strides;
  std::int64_t from_offset = 0;
  std::int64_t to_offset = 0;
  std::size_t element_bytes = 4;

  /// Merges axes that continue each other in both places. To be called once, before `run`.
  void simplify();
  void run(const std::byte* from, std::byte* to) const;
};

/// Every element converted; from floating to integer towards zero.
void cast(DType from_type, const void* from, DType to_type, void* to, std::int64_t count);

/// Element i of [0, count): Philox(seed, stream).uniform(i).
void random_uniform(std::uint64_t seed, std::uint64_t stream, float* y, std::int64_t count);

/// Element i of [0, count): √(−2·ln(1 − u))·cos 2πv of the stream's elements u = 2i and v = 2i + 1.
void random_normal(std::uint64_t seed, std::uint64_t stream, float* y, std::int64_t count);

}  // namespace generalizer::onednn
