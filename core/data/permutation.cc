#include "data/permutation.h"

#include <numeric>
#include <utility>

namespace generalizer {

std::uint64_t scaled_below(const std::array<std::uint32_t, 4>& words, std::uint64_t limit) {
  const std::uint64_t bits = (std::uint64_t{words[0]} << 32) | words[1];
  return static_cast<std::uint64_t>((static_cast<unsigned __int128>(bits) * limit) >> 64);
}

std::vector<std::int64_t> permutation(std::int64_t size, const Philox& random) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  for (std::size_t last = order.size(); last > 1; --last)
    std::swap(order[last - 1], order[scaled_below(random.block(last), last)]);
  return order;
}

}  // namespace generalizer
