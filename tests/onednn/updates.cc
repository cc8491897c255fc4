// Adam and RMSprop at the borders of f32, by the loop of every processor that runs here, and what a shut gate keeps out.
#include <cmath>
#include <limits>

#include "compare.h"
#include "denormals.h"
#include "kernels/optimizer.h"

using namespace generalizer;
using namespace generalizer::test;

namespace generalizer::onednn {
#ifdef GENERALIZER_TEST_X86_64
decltype(adam_loop) adam_loop_x86_64;
decltype(adam_loop) adam_loop_x86_64_v3;
decltype(adam_loop) adam_loop_x86_64_v4;
decltype(rmsprop_loop) rmsprop_loop_x86_64;
decltype(rmsprop_loop) rmsprop_loop_x86_64_v3;
decltype(rmsprop_loop) rmsprop_loop_x86_64_v4;
#else
decltype(adam_loop) adam_loop_native;
decltype(rmsprop_loop) rmsprop_loop_native;
#endif
}  // namespace generalizer::onednn

namespace {

struct Loops {
  const char* processor;
  decltype(&onednn::adam_loop) adam;
  decltype(&onednn::rmsprop_loop) rmsprop;
};

std::vector<Loops> all_loops() {
#ifdef GENERALIZER_TEST_X86_64
  std::vector<Loops> loops = {{"x86-64", onednn::adam_loop_x86_64, onednn::rmsprop_loop_x86_64}};
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    loops.push_back({"x86-64-v3", onednn::adam_loop_x86_64_v3, onednn::rmsprop_loop_x86_64_v3});
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
    loops.push_back({"x86-64-v4", onednn::adam_loop_x86_64_v4, onednn::rmsprop_loop_x86_64_v4});
  return loops;
#else
  return {{"native", onednn::adam_loop_native, onednn::rmsprop_loop_native}};
#endif
}

constexpr double rate = 1e-3;
constexpr double beta1 = 0.9;
constexpr double beta2 = 0.999;
constexpr double epsilon = 1e-7;

/// Weights of zero, so that a new weight is the change itself; every m with every v and every gradient.
struct Operands {
  std::vector<double> gradient, m, v;
};

Operands all_pairs(const std::vector<double>& gradients, const std::vector<double>& vs) {
  Operands result;
  for (const double g : gradients) {
    for (const double v : vs) {
      for (const double m : {0.0, 0.5}) {
        result.gradient.push_back(g);
        result.m.push_back(m);
        result.v.push_back(v);
      }
    }
  }
  return result;
}

/// By the op's reference kernel: new weights, m and v.
std::vector<Array> by_reference(const Operands& operands, std::int64_t step) {
  const Shape shape{static_cast<std::int64_t>(operands.v.size())};
  return compute(
      {Array({DType::f32, shape}), f32(shape, operands.gradient), f32(shape, operands.m),
       f32(shape, operands.v), i64({}, {static_cast<double>(step)}), f32({}, {rate}), f32({}, {1})},
      [](const std::vector<Tensor>& x) {
        return adam_update(x[0], x[1], x[2], x[3], x[4], x[5], x[6], beta1, beta2, epsilon);
      });
}

std::vector<Array> by_loop(const Loops& loops, const Operands& operands, std::int64_t step) {
  onednn::AdamNumbers numbers;
  numbers.learning_rate = static_cast<float>(rate);
  numbers.beta1 = static_cast<float>(beta1);
  numbers.beta2 = static_cast<float>(beta2);
  numbers.rest1 = static_cast<float>(1.0 - beta1);
  numbers.rest2 = static_cast<float>(1.0 - beta2);
  numbers.epsilon = static_cast<float>(epsilon);
  numbers.correction1 = static_cast<float>(1.0 / (1.0 - std::pow(beta1, step)));
  numbers.correction2 = static_cast<float>(1.0 / (1.0 - std::pow(beta2, step)));
  const Shape shape{static_cast<std::int64_t>(operands.v.size())};
  std::vector<Array> made = {Array({DType::f32, shape}), f32(shape, operands.m), f32(shape, operands.v)};
  Array gradient = f32(shape, operands.gradient);
  float* w = made[0].host().as<float>();
  float* m = made[1].host().as<float>();
  float* v = made[2].host().as<float>();
  loops.adam(w, gradient.host().as<float>(), m, v, w, m, v, shape[0], numbers);
  return made;
}

}  // namespace

TEST_CASE("Adam's step agrees for the smallest and the largest gradients, on every processor") {
  const Operands operands = all_pairs({0.0, 1.0, -1e-3, 1e-20, 1e15, 1e21, -1e21, 3e38},
                                      {0.0, 1e-39, 1e-12, 1.0, 1e29, 1e31, 1e38});
  const std::int64_t step = GENERATE(1, 1000);
  const bool flushing = GENERATE(false, true);
  const std::vector<Array> expected = by_reference(operands, step);
  for (const Loops& loop : all_loops()) {
    std::vector<Array> found;
    if (flushing) {
      const onednn::FlushDenormals flush;
      found = by_loop(loop, operands, step);
    } else {
      found = by_loop(loop, operands, step);
    }
    for (std::size_t i = 0; i < operands.v.size(); ++i) {
      INFO(loop.processor << ", step " << step << ", g = " << operands.gradient[i]
                          << ", m = " << operands.m[i] << ", v = " << operands.v[i]);
      const double weight = expected[0].get(i);
      CHECK(std::abs(found[0].get(i) - weight) <= 1e-5 * std::abs(weight) + 1e-30);  // parts may be flushed
      for (const std::size_t state : {1U, 2U}) {
        const double number = expected[state].get(i);
        if (std::isinf(number)) {
          CHECK(found[state].get(i) == number);
        } else {
          CHECK(std::abs(found[state].get(i) - number) <= 1e-6 * std::abs(number) + 1.2e-38);
        }
      }
    }
  }
}

TEST_CASE("RMSprop's step agrees for the smallest and the largest gradients, on every processor") {
  const Operands operands = all_pairs({0.0, 1.0, -1e-3, 1e-20, 1e15, 1e21, -1e21, 3e38},
                                      {0.0, 1e-39, 1e-12, 1.0, 1e29, 1e31, 1e38});
  const Shape shape{static_cast<std::int64_t>(operands.v.size())};
  const Array gradient = f32(shape, operands.gradient);
  const Array square = f32(shape, operands.v);
  const std::vector<Array> expected =
      compute({Array({DType::f32, shape}), gradient, square, f32({}, {rate}), f32({}, {1})},
              [](const std::vector<Tensor>& x) {
                return rmsprop_update(x[0], x[1], x[2], x[3], x[4], beta2, epsilon);
              });
  const bool flushing = GENERATE(false, true);
  for (const Loops& loop : all_loops()) {
    Array weight({DType::f32, shape}), given = gradient, state = square;
    const onednn::RmspropNumbers numbers{static_cast<float>(rate), static_cast<float>(beta2),
                                         static_cast<float>(1.0 - beta2), static_cast<float>(epsilon)};
    const auto step = [&] {
      float* w = weight.host().as<float>();
      float* s = state.host().as<float>();
      loop.rmsprop(w, given.host().as<float>(), s, w, s, shape[0], numbers);
    };
    if (flushing) {
      const onednn::FlushDenormals flush;
      step();
    } else {
      step();
    }
    for (std::size_t i = 0; i < operands.v.size(); ++i) {
      INFO(loop.processor << ", g = " << operands.gradient[i] << ", s = " << operands.v[i]);
      const double change = expected[0].get(i);
      CHECK(std::abs(weight.get(i) - change) <= 1e-5 * std::abs(change) + 1e-30);
      const double number = expected[1].get(i);
      if (std::isinf(number)) {
        CHECK(state.get(i) == number);
      } else {
        CHECK(std::abs(state.get(i) - number) <= 1e-6 * std::abs(number) + 1.2e-38);
      }
    }
  }
}

TEST_CASE("A mean of squares that is infinite lets no weight move, and no weight turns into NaN") {
  const Operands operands = all_pairs({0.0, 1.0, -1e15, 1e21}, {std::numeric_limits<double>::infinity()});
  for (const Loops& loop : all_loops()) {
    const std::vector<Array> made = by_loop(loop, operands, 2);
    for (std::size_t i = 0; i < operands.v.size(); ++i) {
      INFO(loop.processor << ", g = " << operands.gradient[i]);
      CHECK(std::abs(made[0].get(i)) < 1e-20);
      CHECK(std::isinf(made[2].get(i)));
    }
  }
}

TEST_CASE("A gradient that is no number makes the weight none, and a shut gate keeps it out") {
  const double gate = GENERATE(0.0, 1.0);
  Case c;
  const Tensor gradient = c.input("gradient", {70000});
  for (std::size_t i = 0; i < 70000; ++i) c.given["gradient"].set(i, std::nan(""));
  c.given["step"] = i64({}, {3});
  const Tensor step(c.program, c.program.add_variable("step", c.given["step"].type()));
  const Tensor learning_rate = c.scalar("rate", rate);
  const Tensor open = c.scalar("gate", gate);
  const auto variable = [&](const std::string& name) { return c.variable(name, {70000}); };
  const Tensor w = variable("adam w"), m = variable("adam m"), v = variable("adam v");
  const auto adam = adam_update(w, gradient, m, square(v), step, learning_rate, open, beta1, beta2, epsilon);
  c.assign(w, adam[0]);
  c.assign(m, adam[1]);
  const Tensor w3 = variable("rmsprop w"), s = variable("rmsprop s");
  const auto rmsprop = rmsprop_update(w3, gradient, s, learning_rate, open, beta2, epsilon);
  c.assign(w3, rmsprop[0]);
  c.assign(s, rmsprop[1]);
  const Tensor w1 = variable("sgd w"), w2 = variable("momentum w"), velocity = variable("velocity");
  c.assign(w1, sgd_update(w1, gradient, learning_rate, open));
  const auto momentum = momentum_update(w2, gradient, velocity, learning_rate, open, 0.9, true);
  c.assign(w2, momentum[0]);
  c.assign(velocity, momentum[1]);

  const auto session = open_onednn();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  run(*executable, c.given);
  for (const char* name : {"adam w", "adam m", "sgd w", "momentum w", "velocity", "rmsprop w", "rmsprop s"}) {
    INFO(name << ", gate " << gate);
    const Array after = read(*session, name);
    if (gate == 0.0) {
      REQUIRE(after == c.given.at(name));
    } else {
      const std::vector<double> numbers = after.numbers();
      REQUIRE(std::all_of(numbers.begin(), numbers.end(), [](double number) { return std::isnan(number); }));
    }
  }
}
