#pragma once

#include <cstdint>
#include <vector>

namespace generalizer {

/// The order in which an epoch (from 1) reads `size` records: a Fisher-Yates shuffle (Durstenfeld, 1964, "Algorithm 235") by
/// Philox(seed, mix_streams(stream_of("shuffle"), epoch)), or 0, 1, 2, … without shuffling. A pure function of its arguments, so that a resumed epoch
/// goes on where it stopped.
std::vector<std::int64_t> epoch_order(std::int64_t size, std::uint64_t seed, std::int64_t epoch,
                                      bool shuffle);

}  // namespace generalizer
