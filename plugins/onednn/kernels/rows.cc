#include "kernels/rows.h"

#include <cmath>

#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

constexpr std::int64_t passes = 3;  // over a row, the last two of which find it in the cache

[[gnu::always_inline]] inline double wide(float number) { return number; }

/// A mean to be taken off f32s in f32 without losing digits of it: off goes its nearest f32, then what that leaves.
struct Mean {
  explicit Mean(double mean)
      : nearest(static_cast<float>(mean)), rest(static_cast<float>(mean - wide(nearest))) {}
  float nearest;
  float rest;
};

GENERALIZER_ONEDNN_VECTORISED void normalize_row(const float* x, std::int64_t count, double epsilon, float* y,
                                                 float* mean, float* inverse) {
  double sum = 0.0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < count; ++i) sum += wide(x[i]);
  const double middle = sum / static_cast<double>(count);
  double squares = 0.0;
#pragma omp simd reduction(+ : squares)
  for (std::int64_t i = 0; i < count; ++i) {
    const double d = wide(x[i]) - middle;
    squares += d * d;
  }
  const Mean off(middle);
  const auto scale = static_cast<float>(1.0 / std::sqrt(squares / static_cast<double>(count) + epsilon));
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) y[i] = ((x[i] - off.nearest) - off.rest) * scale;
  *mean = off.nearest;
  *inverse = scale;
}

GENERALIZER_ONEDNN_VECTORISED void normalize_row_backward(const float* dy, const float* y, float inverse,
                                                          std::int64_t count, float* dx) {
  double sum = 0.0;
  double products = 0.0;
#pragma omp simd reduction(+ : sum, products)
  for (std::int64_t i = 0; i < count; ++i) {
    sum += wide(dy[i]);
    products += wide(dy[i]) * wide(y[i]);
  }
  const Mean off(sum / static_cast<double>(count));
  const auto projection = static_cast<float>(products / static_cast<double>(count));
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i)
    dx[i] = inverse * (((dy[i] - off.nearest) - off.rest) - y[i] * projection);
}

}  // namespace

void normalize_rows(const float* x, std::int64_t rows, std::int64_t columns, double epsilon, float* y,
                    float* means, float* inverses) {
  parallel_items(rows, passes * columns, [=](std::int64_t row) {
    normalize_row(x + row * columns, columns, epsilon, y + row * columns, means + row, inverses + row);
  });
}

void normalize_rows_backward(const float* dy, const float* y, const float* inverses, std::int64_t rows,
                             std::int64_t columns, float* dx) {
  parallel_items(rows, passes * columns, [=](std::int64_t row) {
    normalize_row_backward(dy + row * columns, y + row * columns, inverses[row], columns, dx + row * columns);
  });
}

}  // namespace generalizer::onednn
