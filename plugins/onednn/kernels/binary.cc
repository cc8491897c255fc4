#include <unordered_map>

#include "kernels/elementwise.h"
#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

// The three shapes of a range: both operands run, or one stands still. `f` is inlined into each version of the caller.
template <class F>
[[gnu::always_inline]] inline void both(const float* a, const float* b, float* y, std::int64_t count, F f) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], b[i]);
}
template <class F>
[[gnu::always_inline]] inline void one_a(const float* a, const float* b, float* y, std::int64_t count, F f) {
  const float u = *a;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) y[i] = f(u, b[i]);
}
template <class F>
[[gnu::always_inline]] inline void one_b(const float* a, const float* b, float* y, std::int64_t count, F f) {
  const float v = *b;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) y[i] = f(a[i], v);
}

struct Loops {
  BinaryLoop both = nullptr;
  BinaryLoop one_a = nullptr;
  BinaryLoop one_b = nullptr;
};

constexpr auto add_of = [](float u, float v) { return u + v; };
constexpr auto subtract_of = [](float u, float v) { return u - v; };
constexpr auto multiply_of = [](float u, float v) { return u * v; };
constexpr auto divide_of = [](float u, float v) { return u / v; };
constexpr auto maximum_of = [](float u, float v) { return u > v || u != u ? u : v; };
constexpr auto minimum_of = [](float u, float v) { return u < v || u != u ? u : v; };

GENERALIZER_ONEDNN_VECTORISED void add_both(const float* a, const float* b, float* y, std::int64_t count,
                                            float) {
  both(a, b, y, count, add_of);
}
GENERALIZER_ONEDNN_VECTORISED void add_one_a(const float* a, const float* b, float* y, std::int64_t count,
                                             float) {
  one_a(a, b, y, count, add_of);
}
GENERALIZER_ONEDNN_VECTORISED void add_one_b(const float* a, const float* b, float* y, std::int64_t count,
                                             float) {
  one_b(a, b, y, count, add_of);
}
GENERALIZER_ONEDNN_VECTORISED void subtract_both(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  both(a, b, y, count, subtract_of);
}
GENERALIZER_ONEDNN_VECTORISED void subtract_one_a(const float* a, const float* b, float* y,
                                                  std::int64_t count, float) {
  one_a(a, b, y, count, subtract_of);
}
GENERALIZER_ONEDNN_VECTORISED void subtract_one_b(const float* a, const float* b, float* y,
                                                  std::int64_t count, float) {
  one_b(a, b, y, count, subtract_of);
}
GENERALIZER_ONEDNN_VECTORISED void multiply_both(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  both(a, b, y, count, multiply_of);
}
GENERALIZER_ONEDNN_VECTORISED void multiply_one_a(const float* a, const float* b, float* y,
                                                  std::int64_t count, float) {
  one_a(a, b, y, count, multiply_of);
}
GENERALIZER_ONEDNN_VECTORISED void multiply_one_b(const float* a, const float* b, float* y,
                                                  std::int64_t count, float) {
  one_b(a, b, y, count, multiply_of);
}
GENERALIZER_ONEDNN_VECTORISED void divide_both(const float* a, const float* b, float* y, std::int64_t count,
                                               float) {
  both(a, b, y, count, divide_of);
}
GENERALIZER_ONEDNN_VECTORISED void divide_one_a(const float* a, const float* b, float* y, std::int64_t count,
                                                float) {
  one_a(a, b, y, count, divide_of);
}
GENERALIZER_ONEDNN_VECTORISED void divide_one_b(const float* a, const float* b, float* y, std::int64_t count,
                                                float) {
  one_b(a, b, y, count, divide_of);
}
GENERALIZER_ONEDNN_VECTORISED void maximum_both(const float* a, const float* b, float* y, std::int64_t count,
                                                float) {
  both(a, b, y, count, maximum_of);
}
GENERALIZER_ONEDNN_VECTORISED void maximum_one_a(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  one_a(a, b, y, count, maximum_of);
}
GENERALIZER_ONEDNN_VECTORISED void maximum_one_b(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  one_b(a, b, y, count, maximum_of);
}
GENERALIZER_ONEDNN_VECTORISED void minimum_both(const float* a, const float* b, float* y, std::int64_t count,
                                                float) {
  both(a, b, y, count, minimum_of);
}
GENERALIZER_ONEDNN_VECTORISED void minimum_one_a(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  one_a(a, b, y, count, minimum_of);
}
GENERALIZER_ONEDNN_VECTORISED void minimum_one_b(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  one_b(a, b, y, count, minimum_of);
}

// u is dy, v is y.
GENERALIZER_ONEDNN_VECTORISED void relu_backward(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  both(a, b, y, count, [](float u, float v) { return v > 0.0F ? u : 0.0F; });
}
GENERALIZER_ONEDNN_VECTORISED void leaky_relu_backward(const float* a, const float* b, float* y,
                                                       std::int64_t count, float p) {
  both(a, b, y, count, [p](float u, float v) { return v > 0.0F ? u : p * u; });
}
GENERALIZER_ONEDNN_VECTORISED void sigmoid_backward(const float* a, const float* b, float* y,
                                                    std::int64_t count, float) {
  both(a, b, y, count, [](float u, float v) { return u * v * (1.0F - v); });
}
GENERALIZER_ONEDNN_VECTORISED void tanh_backward(const float* a, const float* b, float* y, std::int64_t count,
                                                 float) {
  both(a, b, y, count, [](float u, float v) { return u * (1.0F - v * v); });
}

const Loops& find(const std::string& op) {
  static const std::unordered_map<std::string, Loops> loops = {
      {"add", {add_both, add_one_a, add_one_b}},
      {"subtract", {subtract_both, subtract_one_a, subtract_one_b}},
      {"multiply", {multiply_both, multiply_one_a, multiply_one_b}},
      {"divide", {divide_both, divide_one_a, divide_one_b}},
      {"maximum", {maximum_both, maximum_one_a, maximum_one_b}},
      {"minimum", {minimum_both, minimum_one_a, minimum_one_b}},
      {"relu_backward", {relu_backward}},
      {"leaky_relu_backward", {leaky_relu_backward}},
      {"sigmoid_backward", {sigmoid_backward}},
      {"tanh_backward", {tanh_backward}},
  };
  static const Loops none;
  const auto found = loops.find(op);
  return found == loops.end() ? none : found->second;
}

}  // namespace

BinaryLoop find_binary_loop(const std::string& op) { return find(op).both; }
BinaryLoop find_binary_loop_with_one_a(const std::string& op) { return find(op).one_a; }
BinaryLoop find_binary_loop_with_one_b(const std::string& op) { return find(op).one_b; }

}  // namespace generalizer::onednn
