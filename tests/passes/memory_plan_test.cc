#include <algorithm>
#include <random>

#include "catch.h"
#include "generalizer/memory_plan.h"

using namespace generalizer;

TEST_CASE("no two buffers that live together overlap, and none lies outside the arena") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    std::mt19937 random(seed);
    std::vector<Lifetime> lifetimes(1 + random() % 60);
    for (Lifetime& l : lifetimes) {
      l.bytes = random() % 5 == 0 ? 0 : static_cast<std::int64_t>(random() % 3000);
      l.first = static_cast<std::int32_t>(random() % 40);
      l.last = l.first + static_cast<std::int32_t>(random() % 12);
    }
    const std::int64_t alignment = std::int64_t{1} << (random() % 8);
    const ArenaPlan plan = plan_arena(lifetimes, alignment);
    INFO("seed " << seed);
    REQUIRE(plan.offsets.size() == lifetimes.size());
    for (std::size_t i = 0; i < lifetimes.size(); ++i) {
      const Lifetime& a = lifetimes[i];
      REQUIRE(plan.offsets[i] % alignment == 0);
      REQUIRE(plan.offsets[i] + a.bytes <= plan.size);
      for (std::size_t j = 0; j < i; ++j) {
        const Lifetime& b = lifetimes[j];
        if (a.last < b.first || b.last < a.first || a.bytes == 0 || b.bytes == 0) continue;
        REQUIRE(
            (plan.offsets[i] + a.bytes <= plan.offsets[j] || plan.offsets[j] + b.bytes <= plan.offsets[i]));
      }
    }
    REQUIRE(plan.size <= plan.unshared);
  }
}

TEST_CASE("an arena is never smaller than what lives at one time, and a chain needs two buffers") {
  std::vector<Lifetime> chain;
  for (std::int32_t i = 0; i < 10; ++i) chain.push_back({100, i, i + 1});
  const ArenaPlan plan = plan_arena(chain, 64);
  CHECK(plan.size == 256);
  CHECK(plan.unshared == 1280);
}

TEST_CASE("a buffer goes to the lowest gap that it fits in") {
  // The largest lies at 0 until position 1; the small ones of later positions lie below the middle one, where the
  // largest was.
  const ArenaPlan plan = plan_arena({{300, 0, 1}, {200, 1, 3}, {100, 2, 3}, {100, 3, 3}}, 1);
  CHECK(plan.offsets == std::vector<std::int64_t>{0, 300, 0, 100});
  CHECK(plan.size == 500);
}

TEST_CASE("a plan without buffers is empty") {
  CHECK(plan_arena({}).size == 0);
  CHECK(plan_arena({{0, 0, 5}}).size == 0);
}

TEST_CASE("a lifetime that ends before it begins is refused") {
  CHECK_THROWS_WITH(plan_arena({{8, 3, 2}}), Catch::Contains("made at 3 and last read at 2"));
  CHECK_THROWS_WITH(plan_arena({{8, 0, 0}}, 0), Catch::Contains("alignment of 0"));
}
