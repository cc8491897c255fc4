#include "kernels/optimizer.h"

#include <cmath>

#include "kernels/parallel.h"

namespace generalizer::onednn {

// Every range is read before it is written at the same place, whether results lie apart or over the old values.

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

GENERALIZER_ONEDNN_VECTORISED void adam_loop(const float* weight, const float* gradient, const float* m,
                                             const float* v, float* new_weight, float* new_m, float* new_v,
                                             std::int64_t count, const AdamNumbers& numbers) {
  const AdamNumbers n = numbers;
  const float rate = n.learning_rate * n.correction1;
  const float rest1 = 1.0F - n.beta1;
  const float rest2 = 1.0F - n.beta2;
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) {
    const float g = gradient[i];
    const float next_m = n.beta1 * m[i] + rest1 * g;
    const float next_v = n.beta2 * v[i] + rest2 * g * g;
    new_weight[i] = weight[i] - rate * next_m / (std::sqrt(next_v * n.correction2) + n.epsilon);
    new_m[i] = next_m;
    new_v[i] = next_v;
  }
}

}  // namespace generalizer::onednn
