#pragma once

#include <array>
#include <cstdint>

namespace generalizer {

/// Counter-based random numbers: Philox4x32-10 (Salmon, Moraes, Dror, Shaw, 2011, "Parallel random numbers: as easy as 1, 2, 3").
///
/// A stream is named by (seed, stream); its element `i` is a pure function of (seed, stream, i), so any thread, device or resumed run
/// that asks for the same element gets the same bits. Element i is word i % 4 of the block with counter
/// (i/4 low, i/4 high, stream low, stream high) under the key (seed low, seed high).
class Philox {
 public:
  constexpr Philox(std::uint64_t seed, std::uint64_t stream) : seed_(seed), stream_(stream) {}

  /// The four words of block `index`.
  constexpr std::array<std::uint32_t, 4> block(std::uint64_t index) const {
    std::array<std::uint32_t, 4> c{static_cast<std::uint32_t>(index), static_cast<std::uint32_t>(index >> 32),
                                   static_cast<std::uint32_t>(stream_),
                                   static_cast<std::uint32_t>(stream_ >> 32)};
    auto k0 = static_cast<std::uint32_t>(seed_);
    auto k1 = static_cast<std::uint32_t>(seed_ >> 32);
    for (int round = 0; round < 10; ++round) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * c[0];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * c[2];
      c = {static_cast<std::uint32_t>(p1 >> 32) ^ c[1] ^ k0, static_cast<std::uint32_t>(p1),
           static_cast<std::uint32_t>(p0 >> 32) ^ c[3] ^ k1, static_cast<std::uint32_t>(p0)};
      k0 += 0x9E3779B9U;
      k1 += 0xBB67AE85U;
    }
    return c;
  }

  /// Element `i` as 32 random bits.
  constexpr std::uint32_t bits(std::uint64_t i) const { return block(i / 4)[i % 4]; }

  /// Element `i` as a number in [0, 1): the upper 24 bits over 2^24, exact in f32 and the same in f64.
  constexpr double uniform(std::uint64_t i) const { return to_uniform(bits(i)); }

  static constexpr double to_uniform(std::uint32_t word) { return static_cast<double>(word >> 8) * 0x1p-24; }

 private:
  std::uint64_t seed_;
  std::uint64_t stream_;
};

/// SplitMix64's finaliser (Steele, Lea, Flood, 2014): spreads (stream, step) pairs over the 64-bit stream space.
constexpr std::uint64_t mix_streams(std::uint64_t stream, std::uint64_t step) {
  std::uint64_t z = stream + 0x9E3779B97F4A7C15ULL * (step + 1);
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

/// FNV-1a, 64 bits: the stream of a named thing ("conv1/kernel"), so that adding a layer does not move another's numbers.
constexpr std::uint64_t stream_of(const char* name) {
  std::uint64_t h = 0xCBF29CE484222325ULL;
  for (; *name != '\0'; ++name) h = (h ^ static_cast<unsigned char>(*name)) * 0x100000001B3ULL;
  return h;
}

}  // namespace generalizer
