#pragma once

#include <cstdint>

namespace generalizer::onednn {

/// Softmax along the middle axis of [outer × extent × inner].
struct SoftmaxShape {
  std::int64_t outer = 1;
  std::int64_t extent = 1;
  std::int64_t inner = 1;
};
void softmax(const SoftmaxShape& shape, const float* x, float* y);
/// dx = y·(dy − Σ dy·y)
void softmax_backward(const SoftmaxShape& shape, const float* dy, const float* y, float* dx);

/// probabilities [rows × classes] and the mean of −log p[label]. A label outside [0, classes) makes the loss NaN and touches nothing.
/// `work`: one number a row.
void softmax_cross_entropy(std::int64_t rows, std::int64_t classes, const float* logits,
                           const std::int32_t* labels, double* work, float* loss, float* probabilities);
/// dlogits = scale·(probabilities − onehot)
void softmax_cross_entropy_backward(std::int64_t rows, std::int64_t classes, float scale,
                                    const float* probabilities, const std::int32_t* labels, float* dlogits);
/// Rows whose first largest logit is at the label.
std::int64_t count_correct(std::int64_t rows, std::int64_t classes, const float* logits,
                           const std::int32_t* labels);

/// result = scale·(a − b) over one range, one thread
void scaled_difference_loop(const float* a, const float* b, float scale, float* result, std::int64_t count);

}  // namespace generalizer::onednn
