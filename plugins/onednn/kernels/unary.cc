#include <bit>
#include <cmath>
#include <unordered_map>

#include "kernels/elementwise.h"
#include "kernels/parallel.h"
#include "kernels/vector_math.h"

namespace generalizer::onednn {

namespace {

/// y[i] = f(x[i]); inlined into each version of the caller.
template <class F>
[[gnu::always_inline]] inline void map(const float* x, float* y, std::int64_t count, F f) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) y[i] = f(x[i]);
}

// Comparisons are written so that NaN goes through and isn't taken for a number.
GENERALIZER_ONEDNN_VECTORISED void relu(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count, [](float v) { return v < 0.0F ? 0.0F : v; });
}
GENERALIZER_ONEDNN_VECTORISED void leaky_relu(const float* x, float* y, std::int64_t count, float slope,
                                              float) {
  map(x, y, count, [slope](float v) { return v > 0.0F ? v : slope * v; });
}
GENERALIZER_ONEDNN_VECTORISED void square_root(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count, [](float v) { return std::sqrt(v); });
}
GENERALIZER_ONEDNN_VECTORISED void reciprocal_root(const float* x, float* y, std::int64_t count, float,
                                                   float) {
  map(x, y, count, [](float v) { return 1.0F / std::sqrt(v); });
}
GENERALIZER_ONEDNN_VECTORISED void square(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count, [](float v) { return v * v; });
}
GENERALIZER_ONEDNN_VECTORISED void absolute(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count, [](float v) { return std::fabs(v); });
}
GENERALIZER_ONEDNN_VECTORISED void sign(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count, [](float v) { return v > 0.0F ? 1.0F : (v < 0.0F ? -1.0F : v); });
}
GENERALIZER_ONEDNN_VECTORISED void reciprocal(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count, [](float v) { return 1.0F / v; });
}
GENERALIZER_ONEDNN_VECTORISED void affine(const float* x, float* y, std::int64_t count, float scale,
                                          float shift) {
  map(x, y, count, [scale, shift](float v) { return scale * v + shift; });
}
GENERALIZER_ONEDNN_VECTORISED void greater_equal(const float* x, float* y, std::int64_t count,
                                                 float threshold, float) {
  map(x, y, count, [threshold](float v) { return v >= threshold ? 1.0F : 0.0F; });
}
GENERALIZER_ONEDNN_VECTORISED void error_function(const float* x, float* y, std::int64_t count, float,
                                                  float) {
  map(x, y, count, [](float v) { return vector_erf(v); });
}
GENERALIZER_ONEDNN_VECTORISED void is_finite(const float* x, float* y, std::int64_t count, float, float) {
  map(x, y, count,
      [](float v) { return (std::bit_cast<std::uint32_t>(v) & 0x7F800000U) != 0x7F800000U ? 1.0F : 0.0F; });
}

}  // namespace

GENERALIZER_ONEDNN_VECTORISED void round_to_bf16(const float* x, float* y, std::int64_t count) {
  map(x, y, count, [](float v) {
    const auto bits = std::bit_cast<std::uint32_t>(v);
    const std::uint32_t up = bits + 0x7FFFU + (bits >> 16 & 1U);
    const std::uint32_t kept = (bits & 0x7FFFFFFFU) > 0x7F800000U ? bits | 0x400000U : up;
    return std::bit_cast<float>(kept & 0xFFFF0000U);
  });
}

UnaryLoop find_unary_loop(const std::string& op) {
  static const std::unordered_map<std::string, UnaryLoop> loops = {{"relu", relu},
                                                                   {"leaky_relu", leaky_relu},
                                                                   {"sqrt", square_root},
                                                                   {"rsqrt", reciprocal_root},
                                                                   {"square", square},
                                                                   {"abs", absolute},
                                                                   {"sign", sign},
                                                                   {"reciprocal", reciprocal},
                                                                   {"affine", affine},
                                                                   {"erf", error_function},
                                                                   {"is_finite", is_finite},
                                                                   {"greater_equal", greater_equal}};
  const auto found = loops.find(op);
  return found == loops.end() ? nullptr : found->second;
}

}  // namespace generalizer::onednn
