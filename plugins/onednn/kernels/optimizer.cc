#include "kernels/optimizer.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "kernels/parallel.h"

namespace generalizer::onednn {

// Every range is read before it is written at the same place, whether results lie apart or over the old values.

namespace {

constexpr std::int32_t smallest_normal =
    0x00800000;  // bits of 1.2e-38; as integers, positive floats are in order
constexpr std::int32_t largest_finite = 0x7F7FFFFF;  // and of 3.4e38

/// A mean of squares beyond this, or what it is multiplied with, may be infinite.
constexpr std::int32_t large_square = std::bit_cast<std::int32_t>(1e30F);
constexpr float downscale = 0x1p-70F;

/// The nearest number of which an estimated root is one: the estimates are infinite for zero and below the normal numbers, and zero for
/// infinity, and a step of Newton's method makes NaN of both. Compares bits, as the compiler may take for granted here that no number is infinite.
[[gnu::always_inline]] inline float within_normal(float x) {
  const auto bits = std::bit_cast<std::int32_t>(x);
  return std::bit_cast<float>(std::min(std::max(bits, smallest_normal), largest_finite));
}

}  // namespace

GENERALIZER_ONEDNN_VECTORISED void sgd_loop(const float* weight, const float* gradient, float* result,
                                            std::int64_t count, float learning_rate) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) result[i] = weight[i] - learning_rate * gradient[i];
}

GENERALIZER_ONEDNN_VECTORISED void momentum_loop(const float* weight, const float* gradient,
                                                 const float* velocity, float* new_weight,
                                                 float* new_velocity, std::int64_t count,
                                                 const MomentumNumbers& numbers) {
  const float rate = numbers.learning_rate;
  const float momentum = numbers.momentum;
  // nesterov: g + momentum·velocity'; else velocity' alone.
  const float of_gradient = numbers.nesterov ? 1.0F : 0.0F;
  const float of_velocity = numbers.nesterov ? momentum : 1.0F;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const float next = momentum * velocity[i] + gradient[i];
    new_weight[i] = weight[i] - rate * (of_gradient * gradient[i] + of_velocity * next);
    new_velocity[i] = next;
  }
}

GENERALIZER_ONEDNN_VECTORISED void rmsprop_loop(const float* weight, const float* gradient,
                                                const float* mean_square, float* new_weight,
                                                float* new_mean_square, std::int64_t count,
                                                const RmspropNumbers& numbers) {
  const RmspropNumbers n = numbers;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float next = n.decay * mean_square[i] + n.rest * g * g;
    // As in Adam's step.
    const float scale = std::bit_cast<std::int32_t>(next) > large_square ? downscale : 1.0F;
    const float scaled_g = g * scale;
    const float square = n.decay * (mean_square[i] * scale * scale) + n.rest * scaled_g * scaled_g;
    const float root = std::sqrt(within_normal(square));
    new_weight[i] = weight[i] - n.learning_rate * scaled_g / (root + n.epsilon * scale);
    new_mean_square[i] = next;
  }
}

GENERALIZER_ONEDNN_VECTORISED void adam_loop(const float* weight, const float* gradient, const float* m,
                                             const float* v, float* new_weight, float* new_m, float* new_v,
                                             std::int64_t count, const AdamNumbers& numbers) {
  const AdamNumbers n = numbers;
  const float rate = n.learning_rate * n.correction1;
  const float decay = n.learning_rate * n.weight_decay;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float next_m = n.beta1 * m[i] + n.rest1 * g;
    const float next_v = n.beta2 * v[i] + n.rest2 * g * g;
    // The quotient of large numbers is made of smaller ones; v' itself may be infinite.
    const float scale = std::bit_cast<std::int32_t>(next_v) > large_square ? downscale : 1.0F;
    const float scaled_g = g * scale;
    const float square = n.beta2 * (v[i] * scale * scale) + n.rest2 * scaled_g * scaled_g;
    const float root = std::sqrt(within_normal(square * n.correction2));
    new_weight[i] = weight[i] - rate * (next_m * scale) / (root + n.epsilon * scale) - decay * weight[i];
    new_m[i] = next_m;
    new_v[i] = next_v;
  }
}

}  // namespace generalizer::onednn
