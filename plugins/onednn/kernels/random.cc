#include "generalizer/random.h"

#include <algorithm>
#include <cmath>

#include "kernels/movement.h"
#include "kernels/parallel.h"
#include "kernels/vector_math.h"

namespace generalizer::onednn {

namespace {

constexpr std::int64_t group = 16;  // blocks of four numbers made side by side

/// The words of a group by their place in the block.
struct Words {
  std::uint32_t c0[group];
  std::uint32_t c1[group];
  std::uint32_t c2[group];
  std::uint32_t c3[group];
};

/// Philox4x32-10 for the blocks first … first + 15, as `Philox::block` has it, with the blocks in the lanes of vectors.
[[gnu::always_inline]] inline void philox_group(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                                                Words& words) {
  auto& [c0, c1, c2, c3] = words;
#pragma omp simd
  for (std::int64_t lane = 0; lane < group; ++lane) {
    const std::uint64_t index = first + static_cast<std::uint64_t>(lane);
    c0[lane] = static_cast<std::uint32_t>(index);
    c1[lane] = static_cast<std::uint32_t>(index >> 32);
    c2[lane] = static_cast<std::uint32_t>(stream);
    c3[lane] = static_cast<std::uint32_t>(stream >> 32);
  }
  auto k0 = static_cast<std::uint32_t>(seed);
  auto k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int round = 0; round < 10; ++round) {
#pragma omp simd
    for (std::int64_t lane = 0; lane < group; ++lane) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53U} * c0[lane];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57U} * c2[lane];
      c0[lane] = static_cast<std::uint32_t>(p1 >> 32) ^ c1[lane] ^ k0;
      c2[lane] = static_cast<std::uint32_t>(p0 >> 32) ^ c3[lane] ^ k1;
      c1[lane] = static_cast<std::uint32_t>(p1);
      c3[lane] = static_cast<std::uint32_t>(p0);
    }
    k0 += 0x9E3779B9U;
    k1 += 0xBB67AE85U;
  }
}

/// `Philox::to_uniform`, exact in f32; through a signed integer, which more processors convert.
[[gnu::always_inline]] inline float uniform_of(std::uint32_t word) {
  return static_cast<float>(static_cast<std::int32_t>(word >> 8)) * 0x1p-24F;
}

/// Box and Muller's normal number of two uniform ones. 1 − u is in (0, 1] and exact, and its logarithm is finite.
[[gnu::always_inline]] inline float normal_of(std::uint32_t first, std::uint32_t second) {
  return std::sqrt(-2.0F * vector_log(1.0F - uniform_of(first))) * vector_cos_of_turns(uniform_of(second));
}

/// `begin` is a multiple of 4.
GENERALIZER_ONEDNN_VECTORISED void uniform_range(std::uint64_t seed, std::uint64_t stream, float* y,
                                                 std::int64_t begin, std::int64_t end) {
  std::int64_t i = begin;
  Words words;
  for (; i + group * 4 <= end; i += group * 4) {
    philox_group(seed, stream, static_cast<std::uint64_t>(i / 4), words);
    for (std::int64_t lane = 0; lane < group; ++lane) {
      y[i + lane * 4] = uniform_of(words.c0[lane]);
      y[i + lane * 4 + 1] = uniform_of(words.c1[lane]);
      y[i + lane * 4 + 2] = uniform_of(words.c2[lane]);
      y[i + lane * 4 + 3] = uniform_of(words.c3[lane]);
    }
  }
  const Philox philox(seed, stream);
  for (; i < end; ++i) y[i] = static_cast<float>(philox.uniform(static_cast<std::uint64_t>(i)));
}

/// The group's normal numbers, two a block.
[[gnu::always_inline]] inline void normal_group(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                                                float* y) {
  Words words;
  philox_group(seed, stream, first, words);
  float even[group];
  float odd[group];
#pragma omp simd
  for (std::int64_t lane = 0; lane < group; ++lane) {
    even[lane] = normal_of(words.c0[lane], words.c1[lane]);
    odd[lane] = normal_of(words.c2[lane], words.c3[lane]);
  }
  for (std::int64_t lane = 0; lane < group; ++lane) {
    y[lane * 2] = even[lane];
    y[lane * 2 + 1] = odd[lane];
  }
}

/// `begin` is a multiple of 32. The last numbers are made as all others are, by the group.
GENERALIZER_ONEDNN_VECTORISED void normal_range(std::uint64_t seed, std::uint64_t stream, float* y,
                                                std::int64_t begin, std::int64_t end) {
  constexpr std::int64_t numbers = group * 2;
  for (std::int64_t i = begin; i < end; i += numbers) {
    const auto first = static_cast<std::uint64_t>(i / 2);
    if (i + numbers <= end) {
      normal_group(seed, stream, first, y + i);
    } else {
      float last[numbers];
      normal_group(seed, stream, first, last);
      std::copy_n(last, end - i, y + i);
    }
  }
}

}  // namespace

void random_uniform(std::uint64_t seed, std::uint64_t stream, float* y, std::int64_t count) {
  parallel_range(count,
                 [=](std::int64_t begin, std::int64_t end) { uniform_range(seed, stream, y, begin, end); });
}

void random_normal(std::uint64_t seed, std::uint64_t stream, float* y, std::int64_t count) {
  parallel_range(count,
                 [=](std::int64_t begin, std::int64_t end) { normal_range(seed, stream, y, begin, end); });
}

}  // namespace generalizer::onednn
