#include "trainer/order.h"

#include <numeric>
#include <utility>

#include "generalizer/random.h"

namespace generalizer {

std::vector<std::int64_t> epoch_order(std::int64_t size, std::uint64_t seed, std::int64_t epoch,
                                      bool shuffle) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  if (!shuffle) return order;
  const Philox random(seed, mix_streams(stream_of("shuffle"), static_cast<std::uint64_t>(epoch)));
  for (std::size_t last = order.size(); last > 1; --last) {
    // 64 bits scaled to [0, last): a bias below last/2^64 that no data set can show.
    const auto words = random.block(last);
    const std::uint64_t bits = (std::uint64_t{words[0]} << 32) | words[1];
    const auto chosen = static_cast<std::size_t>((static_cast<unsigned __int128>(bits) * last) >> 64);
    std::swap(order[last - 1], order[chosen]);
  }
  return order;
}

}  // namespace generalizer
