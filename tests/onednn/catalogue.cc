// Normalised rows, resampling, tables, noise and erf: the same bytes for any number of threads, the same numbers in every layout, and what numbers
// that are none do.
#include <limits>

#include "compare.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

Tensor integers(Case& c, const std::string& name, const Array& array) {
  c.given[name] = array;
  return {c.program, c.program.add_input(name, array.type())};
}

/// `count` of [−1, rows].
Tensor indices(Case& c, std::int64_t count, std::int64_t rows) {
  Array array({DType::i32, {count}});
  const Philox random(3, 4);
  for (std::size_t i = 0; i < array.size(); ++i)
    array.set(i, static_cast<double>(random.bits(i) % static_cast<std::uint64_t>(rows + 2)) - 1.0);
  return integers(c, "indices", array);
}

/// Each of the ops, large enough to be divided among three threads.
Case divided_work() {
  Case c;
  const Tensor x = c.input("x", {301, 130});
  const Tensor dy = c.input("dy", {301, 130});
  const std::vector<Tensor> normal = normalize_rows(x, 1e-5);
  for (std::size_t i = 0; i < normal.size(); ++i) c.output("normal " + std::to_string(i), normal[i]);
  c.output("dx", normalize_rows_backward(dy, normal[0], normal[2]));
  for (const std::string mode : {"nearest", "bilinear"}) {
    for (const Shape& shape : {Shape{7, 9, 23, 19}, Shape{1, 1, 133, 145}, Shape{64, 32, 5, 4}}) {
      const Tensor image = c.input(mode + shape.to_string(), shape);
      c.output("up " + mode + shape.to_string(), resize2d(image, {shape[2] * 2 - 1, shape[3] * 3}, mode));
      c.output("back " + mode + shape.to_string(), resize2d_backward(image, {17, 11}, mode));
    }
  }
  const Tensor at = indices(c, 301, 70);
  c.output("gathered", gather_rows(c.input("table", {70, 130}), at));
  c.output("scattered", scatter_add_rows(x, at, 70));
  c.output("one hot", one_hot(at, 97, DType::f32));
  c.output("noise", random_normal(integers(c, "step", i64({}, {3})), {DType::f32, {40003}}, 5, 6));
  c.output("erf", erf(x * 3.0));
  const Tensor w = c.variable("w", {40003});
  const Tensor s = c.variable("s", {40003});
  const std::vector<Tensor> next = rmsprop_update(w, c.input("g", {40003}), square(s), c.scalar("rate", 1e-3),
                                                  c.scalar("gate", 1.0), 0.9, 1e-7);
  c.assign(w, next[0]);
  c.assign(s, next[1]);
  return c;
}

Arrays run_with(const Case& c, std::int64_t threads) {
  const auto session = open_onednn(threads);
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  Arrays results = run(*executable, c.given);
  for (const ValueId id : c.program.variables()) {
    const std::string& name = c.program.value(id).name;
    results["variable " + name] = read(*session, name);
  }
  return results;
}

/// An operand [4 × channels × 7 × 5]: row-major as an input, and in blocks out of a convolution.
Tensor operand(Case& c, const std::string& name, std::int64_t channels, bool in_blocks) {
  if (!in_blocks) return c.input(name, {4, channels, 7, 5});
  return conv2d(c.input(name, {4, 3, 8, 6}), c.variable("weights of " + name, {channels, 3, 2, 2}));
}

/// The op's results have the same numbers that are none and the same infinite ones as its reference kernel's.
void check_not_finite(Case& c) {
  Arrays given = c.given;
  const Arrays expected = evaluate(c.program, given);
  const Arrays found = run_with(c, 2);
  for (const auto& [name, array] : expected) {
    for (std::size_t i = 0; i < array.size(); ++i) {
      INFO(name << ", element " << i << " is " << found.at(name).get(i) << " and should be " << array.get(i));
      REQUIRE(std::isnan(found.at(name).get(i)) == std::isnan(array.get(i)));
      if (std::isinf(array.get(i))) REQUIRE(found.at(name).get(i) == array.get(i));
    }
  }
}

}  // namespace

TEST_CASE("rows, images, tables and noise have the same bytes for any number of threads") {
  const Case c = divided_work();
  const Arrays expected = run_with(c, 1);
  const std::int64_t threads = GENERATE(2, 3);
  const Arrays found = run_with(c, threads);
  for (const auto& [name, array] : expected) {
    INFO(name << " with " << threads << " threads");
    REQUIRE(found.at(name) == array);
  }
}

TEST_CASE("images are resampled in every layout") {
  const std::int64_t channels = GENERATE(1, 3, 8, 16, 20, 48);
  const bool in_blocks = GENERATE(false, true);
  INFO(channels << " channels, in blocks: " << in_blocks);
  Case c;
  const Tensor x = operand(c, "x", channels, in_blocks);
  for (const std::string mode : {"nearest", "bilinear"}) {
    c.output("twice " + mode, square(resize2d(x, {14, 10}, mode)));
    c.output("otherwise " + mode, resize2d(x, {4, 13}, mode));
    c.output("back " + mode, resize2d_backward(x, {3, 9}, mode));
  }
  c.check();
}

TEST_CASE("groups of channels are normalised in every layout") {
  const std::int64_t channels = GENERATE(16, 18, 48, 96);
  const std::int64_t groups = GENERATE(1, 2, 6);
  const bool in_blocks = GENERATE(false, true);
  if (channels % groups != 0) return;
  INFO(channels << " channels, groups: " << groups << ", in blocks: " << in_blocks);
  Case c;
  const Tensor x = operand(c, "x", channels, in_blocks);
  const Shape rows{4 * groups, channels / groups * 35};
  const std::vector<Tensor> normal = normalize_rows(reshape(x, rows), 1e-5);
  const Tensor y = reshape(normal[0], x.shape());
  c.output("mean", normal[1]);
  c.output("inverse", normal[2]);
  c.output("y", square(y));
  const Tensor dy = reshape(operand(c, "dy", channels, in_blocks), rows);
  c.output("dx", reshape(normalize_rows_backward(dy, normal[0], normal[2]), x.shape()));
  c.output("in place", normalize_rows(reshape(square(x), rows), 1e-5)[0]);
  c.check();
}

TEST_CASE("a factor for each channel and its gradient agree in every layout") {
  const std::int64_t channels = GENERATE(1, 8, 16, 20, 48);
  const bool in_blocks = GENERATE(false, true);
  INFO(channels << " channels, in blocks: " << in_blocks);
  Case c;
  const Tensor x = operand(c, "x", channels, in_blocks);
  const Tensor scale = c.variable("scale", {channels, 1, 1});
  c.output("x by scale", square(x * scale));
  c.output("scale by x", square(c.variable("other scale", {1, channels, 1, 1}) * x));
  c.output("no channels", x * c.variable("by row", {7, 1}));
  c.output("sum", reduce_sum(square(x), {0, 2, 3}, true));
  c.output("sum of rows", reduce_sum(x, {0, 2}, false));
  c.output("sum of all", reduce_sum(x, {}, false));
  c.check();
}

TEST_CASE("a mean far from zero costs a normalised row no digits") {
  Case c;
  Array& x = c.given["x"];
  c.input("x", {31, 500});
  for (std::size_t i = 0; i < x.size(); ++i) x.set(i, static_cast<float>(10000.0 + x.get(i)));
  const Tensor operand(c.program, c.program.inputs()[0]);
  for (const Tensor& result : normalize_rows(operand, 1e-6)) c.output(std::to_string(result.id()), result);
  c.check(2e-6);
}

TEST_CASE("erf is right to a few units in the last place, and at its ends") {
  Case c;
  const std::int64_t count = 200001;
  c.output("y", erf(c.input("x", {count})));
  Array& x = c.given["x"];
  for (std::int64_t i = 0; i < count; ++i)
    x.set(static_cast<std::size_t>(i), static_cast<float>(static_cast<double>(i) * 1e-4 - 10.0));
  const std::vector<double> ends = {infinity, -infinity, std::nan(""), -0.0, 1e-30, 3e38};
  for (std::size_t i = 0; i < ends.size(); ++i) x.set(i, ends[i]);
  const Array y = run_with(c, 2).at("y");
  for (std::size_t i = 0; i < y.size(); ++i) {
    const double expected = std::erf(x.get(i));
    INFO("erf " << x.get(i) << " is " << y.get(i) << " and should be " << expected);
    if (std::isnan(expected)) {
      REQUIRE(std::isnan(y.get(i)));
    } else {
      REQUIRE(std::abs(y.get(i) - expected) <= 2.5e-7 * std::abs(expected));
      REQUIRE(std::signbit(y.get(i)) == std::signbit(expected));
    }
  }
}

TEST_CASE("normal numbers are right to a few units in the last place") {
  const std::vector<Array> expected = compute({i64({}, {7})}, [](const std::vector<Tensor>& x) {
    return std::vector{random_normal(x[0], {DType::f64, {100003}}, 5, 6)};
  });
  Case c;
  c.output("y", random_normal(integers(c, "step", i64({}, {7})), {DType::f32, {100003}}, 5, 6));
  const Array y = run_with(c, 2).at("y");
  for (std::size_t i = 0; i < y.size(); ++i) {
    INFO("element " << i << " is " << y.get(i) << " and should be " << expected[0].get(i));
    REQUIRE(std::abs(y.get(i) - expected[0].get(i)) <= 5e-7 * std::abs(expected[0].get(i)));
  }
}

TEST_CASE("a number that is none stays where the weights of resampling take it") {
  const double spoilt = GENERATE(std::nan(""), infinity);
  const std::int64_t channels = GENERATE(1, 16);
  Case c;
  const Tensor x = channels == 1 ? c.input("x", {2, 1, 5, 7}) : operand(c, "x", channels, true);
  c.given["x"].set(24, spoilt);
  for (const std::string mode : {"nearest", "bilinear"}) {
    c.output("up " + mode, resize2d(x, {15, 13}, mode));
    c.output("down " + mode, resize2d(x, {3, 4}, mode));
    c.output("back " + mode, resize2d_backward(x, {5, 3}, mode));
    c.output("back up " + mode, resize2d_backward(x, {9, 11}, mode));
  }
  check_not_finite(c);
}

TEST_CASE("a number that is none spoils its own row alone") {
  const double spoilt = GENERATE(std::nan(""), infinity);
  Case c;
  const Tensor x = c.input("x", {13, 37});
  c.given["x"].set(5 * 37 + 11, spoilt);
  const Tensor dy = c.input("dy", {13, 37});
  c.given["dy"].set(2 * 37, std::nan(""));
  const std::vector<Tensor> normal = normalize_rows(x, 1e-5);
  for (std::size_t i = 0; i < normal.size(); ++i) c.output(std::to_string(i), normal[i]);
  c.output("dx", normalize_rows_backward(dy, c.input("y", {13, 37}), c.input("inverse", {13})));
  const Tensor at = integers(c, "at", i32({13}, {1, 2, 3, -1, 4, 5, 9, 8, 7, 2, 1, 0, 3}));
  c.output("scattered", scatter_add_rows(x, at, 10));
  c.output("gathered", gather_rows(x, at));
  check_not_finite(c);
}
