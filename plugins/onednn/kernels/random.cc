#include "generalizer/random.h"
#include "kernels/movement.h"
#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

constexpr std::int64_t group = 16;  // blocks of four numbers made side by side

/// Philox4x32-10 for the blocks first … first + 15, as `Philox::block` has it, with the blocks in the lanes of vectors.
[[gnu::always_inline]] inline void philox_group(std::uint64_t seed, std::uint64_t stream, std::uint64_t first,
                                                float* y) {
  std::uint32_t c0[group];
  std::uint32_t c1[group];
  std::uint32_t c2[group];
  std::uint32_t c3[group];
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
  for (std::int64_t lane = 0; lane < group; ++lane) {
    y[lane * 4] = static_cast<float>(c0[lane] >> 8) * 0x1p-24F;
    y[lane * 4 + 1] = static_cast<float>(c1[lane] >> 8) * 0x1p-24F;
    y[lane * 4 + 2] = static_cast<float>(c2[lane] >> 8) * 0x1p-24F;
    y[lane * 4 + 3] = static_cast<float>(c3[lane] >> 8) * 0x1p-24F;
  }
}

/// `begin` is a multiple of 4.
GENERALIZER_ONEDNN_VECTORISED void uniform_range(std::uint64_t seed, std::uint64_t stream, float* y,
                                                 std::int64_t begin, std::int64_t end) {
  std::int64_t i = begin;
  for (; i + group * 4 <= end; i += group * 4)
    philox_group(seed, stream, static_cast<std::uint64_t>(i / 4), y + i);
  const Philox philox(seed, stream);
  for (; i < end; ++i) y[i] = static_cast<float>(philox.uniform(static_cast<std::uint64_t>(i)));
}

}  // namespace

void random_uniform(std::uint64_t seed, std::uint64_t stream, float* y, std::int64_t count) {
  parallel_range(count,
                 [=](std::int64_t begin, std::int64_t end) { uniform_range(seed, stream, y, begin, end); });
}

}  // namespace generalizer::onednn
