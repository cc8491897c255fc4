#include "generalizer/random.h"

#include <cmath>

#include "catch.h"
#include "generalizer/ops.h"
#include "support/evaluate.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

Array numbers(Shape shape, std::uint64_t seed, std::uint64_t stream, double step, DType dtype = DType::f64) {
  return compute({i64({}, {step})}, [&](auto& x) {
    return std::vector{random_uniform(x[0], {dtype, shape}, seed, stream)};
  })[0];
}

}  // namespace

TEST_CASE("Philox gives the known answers that its authors publish (Random123, philox4x32-10)") {
  constexpr std::uint64_t ones = ~std::uint64_t{0};
  CHECK(Philox(0, 0).block(0) ==
        std::array<std::uint32_t, 4>{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8});
  CHECK(Philox(ones, ones).block(ones) ==
        std::array<std::uint32_t, 4>{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd});
  CHECK(Philox(0x299f31d0a4093822, 0x0370734413198a2e).block(0x85a308d3243f6a88) ==
        std::array<std::uint32_t, 4>{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1});
}

TEST_CASE("steps are mixed into streams by SplitMix64, whose first number from 0 is known") {
  CHECK(mix_streams(0, 0) == 0xe220a8397b1dcdaf);
}

TEST_CASE("random_uniform is the stream of its seed, stream and step, as tests/golden/philox.py makes it") {
  const auto in_24_bits = [](std::vector<double> words) {
    for (double& word : words) word *= 0x1p-24;
    return words;
  };
  const std::vector<double> first = in_24_bits({15744233, 10278994, 16067837, 10657655, 8887126, 6920425});
  const std::vector<double> second = in_24_bits({7843568, 9842913, 9215978, 14103736, 14760386, 14296474});
  for (const DType dtype : {DType::f32, DType::f64}) {
    CHECK(numbers({6}, 0, 0, 0, dtype) == Array({dtype, {6}}, first));
    CHECK(numbers({2, 3}, 0xFEDCBA9876543210, 0x8000000000000007, 3, dtype) ==
          Array({dtype, {2, 3}}, second));
  }
}

TEST_CASE("random_uniform is uniform and differs by seed, stream and step") {
  const Array a = numbers({100, 100}, 1, 2, 3);
  double sum = 0.0, squares = 0.0;
  for (const double x : a.numbers()) {
    REQUIRE((x >= 0.0 && x < 1.0));
    sum += x;
    squares += x * x;
  }
  // Of 10⁴ uniform numbers: mean 1/2 ± 0.0029, mean square 1/3 ± 0.003; four standard deviations are allowed.
  CHECK(std::abs(sum / 1e4 - 0.5) < 0.0116);
  CHECK(std::abs(squares / 1e4 - 1.0 / 3.0) < 0.012);
  CHECK_FALSE(a == numbers({100, 100}, 2, 2, 3));
  CHECK_FALSE(a == numbers({100, 100}, 1, 3, 3));
  CHECK_FALSE(a == numbers({100, 100}, 1, 2, 4));
}

TEST_CASE("random_uniform refuses integers, and a step that is no i64 scalar") {
  const Build integers = [](auto& x) { return std::vector{random_uniform(x[0], {DType::i32, {2}}, 0, 0)}; };
  CHECK(refusal({{DType::i64, {}}}, integers) ==
        "random_uniform(i64[scalar]): the dtype is i32 and must be f32 or f64");
  CHECK(refusal({{DType::i32, {}}}, integers) ==
        "random_uniform(i32[scalar]): the step is i32[scalar] and must be i64[scalar]");
}
