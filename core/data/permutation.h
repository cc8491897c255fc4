#pragma once

#include <cstdint>
#include <vector>

#include "generalizer/random.h"

namespace generalizer {

/// The numbers 0 to `size` − 1 in a random order: a Fisher-Yates shuffle (Durstenfeld, 1964, "Algorithm 235"), a pure function of the stream.
std::vector<std::int64_t> permutation(std::int64_t size, const Philox& random);

/// 64 random bits scaled to [0, limit): a bias below limit/2^64 that no data set can show. `words` is a block of a stream.
std::uint64_t scaled_below(const std::array<std::uint32_t, 4>& words, std::uint64_t limit);

}  // namespace generalizer
