#include "trainer/order.h"

#include <algorithm>
#include <numeric>

#include "catch.h"

using namespace generalizer;

TEST_CASE("an epoch's order holds every record once") {
  std::vector<std::int64_t> order = epoch_order(1001, 5, 3, true);
  std::sort(order.begin(), order.end());
  std::vector<std::int64_t> all(1001);
  std::iota(all.begin(), all.end(), std::int64_t{0});
  CHECK(order == all);
}

TEST_CASE("an epoch's order depends on seed and epoch and on nothing else") {
  CHECK(epoch_order(100, 5, 3, true) == epoch_order(100, 5, 3, true));
  CHECK(epoch_order(100, 5, 3, true) != epoch_order(100, 5, 4, true));
  CHECK(epoch_order(100, 5, 3, true) != epoch_order(100, 6, 3, true));
}

TEST_CASE("without shuffling records come as they lie") {
  CHECK(epoch_order(4, 5, 3, false) == std::vector<std::int64_t>{0, 1, 2, 3});
}

TEST_CASE("a shuffle gives every place to every record about equally often") {
  // 4 records, 6000 epochs: each of the 16 counts is binomial(6000, 1/4), standard deviation 33.5; 5 deviations either way.
  int counts[4][4] = {};
  for (std::int64_t epoch = 1; epoch <= 6000; ++epoch) {
    const auto order = epoch_order(4, 11, epoch, true);
    for (std::size_t place = 0; place < 4; ++place) ++counts[place][order[place]];
  }
  for (const auto& row : counts) {
    for (const int count : row) CHECK(std::abs(count - 1500) < 168);
  }
}
