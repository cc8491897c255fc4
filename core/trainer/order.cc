#include "trainer/order.h"

#include <numeric>

#include "data/permutation.h"

namespace generalizer {

std::vector<std::int64_t> epoch_order(std::int64_t size, std::uint64_t seed, std::int64_t epoch,
                                      bool shuffle) {
  if (shuffle)
    return permutation(size, Philox(seed, mix_streams(stream_of("shuffle"), static_cast<std::uint64_t>(epoch))));
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  return order;
}

}  // namespace generalizer
