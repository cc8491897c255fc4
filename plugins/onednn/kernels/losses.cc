#include "kernels/losses.h"

#include <cmath>
#include <limits>

#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

/// One softmax with elements `step` apart; log of the sum of exponentials is returned, with the maximum put back.
double softmax_line(const float* x, float* y, std::int64_t count, std::int64_t step) {
  float largest = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < count; ++i) largest = std::max(largest, x[i * step]);
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float e = std::exp(x[i * step] - largest);
    y[i * step] = e;
    sum += static_cast<double>(e);
  }
  const auto scale = static_cast<float>(1.0 / sum);
  for (std::int64_t i = 0; i < count; ++i) y[i * step] *= scale;
  return static_cast<double>(largest) + std::log(sum);
}

/// Exponentials cost about this many plain elements.
constexpr std::int64_t exponential_cost = 8;

}  // namespace

void softmax(const SoftmaxShape& shape, const float* x, float* y) {
  parallel_items(shape.outer * shape.inner, shape.extent * exponential_cost, [&](std::int64_t line) {
    const std::int64_t offset = line / shape.inner * shape.extent * shape.inner + line % shape.inner;
    softmax_line(x + offset, y + offset, shape.extent, shape.inner);
  });
}

void softmax_backward(const SoftmaxShape& shape, const float* dy, const float* y, float* dx) {
  parallel_items(shape.outer * shape.inner, shape.extent, [&](std::int64_t line) {
    const std::int64_t offset = line / shape.inner * shape.extent * shape.inner + line % shape.inner;
    double sum = 0;
    for (std::int64_t i = 0; i < shape.extent; ++i) {
      const std::int64_t at = offset + i * shape.inner;
      sum += static_cast<double>(dy[at]) * static_cast<double>(y[at]);
    }
    for (std::int64_t i = 0; i < shape.extent; ++i) {
      const std::int64_t at = offset + i * shape.inner;
      dx[at] = static_cast<float>(static_cast<double>(y[at]) * (static_cast<double>(dy[at]) - sum));
    }
  });
}

void softmax_cross_entropy(std::int64_t rows, std::int64_t classes, const float* logits,
                           const std::int32_t* labels, double* work, float* loss, float* probabilities) {
  parallel_items(rows, classes * exponential_cost, [&](std::int64_t row) {
    const float* x = logits + row * classes;
    const double log_sum = softmax_line(x, probabilities + row * classes, classes, 1);
    const std::int32_t label = labels[row];
    const bool known = label >= 0 && label < classes;
    work[row] = known ? log_sum - static_cast<double>(x[label]) : std::numeric_limits<double>::quiet_NaN();
  });
  double sum = 0;
  for (std::int64_t row = 0; row < rows; ++row) sum += work[row];
  *loss = static_cast<float>(sum / static_cast<double>(rows));
}

void softmax_cross_entropy_backward(std::int64_t rows, std::int64_t classes, float scale,
                                    const float* probabilities, const std::int32_t* labels, float* dlogits) {
  parallel_items(rows, classes, [&](std::int64_t row) {
    const float* p = probabilities + row * classes;
    float* d = dlogits + row * classes;
    const std::int32_t label = labels[row];
    for (std::int64_t k = 0; k < classes; ++k) d[k] = scale * (k == label ? p[k] - 1.0F : p[k]);
  });
}

std::int64_t count_correct(std::int64_t rows, std::int64_t classes, const float* logits,
                           const std::int32_t* labels) {
  std::int64_t correct = 0;
  for (std::int64_t row = 0; row < rows; ++row) {
    const float* x = logits + row * classes;
    correct += std::max_element(x, x + classes) - x == labels[row] ? 1 : 0;
  }
  return correct;
}

GENERALIZER_ONEDNN_VECTORISED void scaled_difference_loop(const float* a, const float* b, float scale,
                                                          float* result, std::int64_t count) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) result[i] = scale * (a[i] - b[i]);
}

}  // namespace generalizer::onednn
