#pragma once

#include <cstdint>

/// Optimiser updates of one range of weights by one thread. Results may lie where the old values did.
namespace generalizer::onednn {

void sgd_loop(const float* weight, const float* gradient, float* result, std::int64_t count,
              float learning_rate);

struct MomentumNumbers {
  float learning_rate = 0;
  float momentum = 0;
  bool nesterov = false;
};
void momentum_loop(const float* weight, const float* gradient, const float* velocity, float* new_weight,
                   float* new_velocity, std::int64_t count, const MomentumNumbers& numbers);

struct RmspropNumbers {
  float learning_rate = 0;
  float decay = 0;
  float rest = 1;  ///< 1 − decay, made in f64
  float epsilon = 0;
};
void rmsprop_loop(const float* weight, const float* gradient, const float* mean_square, float* new_weight,
                  float* new_mean_square, std::int64_t count, const RmspropNumbers& numbers);

struct AdamNumbers {
  float learning_rate = 0;
  float beta1 = 0;
  float beta2 = 0;
  float weight_decay = 0;
  float rest1 = 1;  ///< 1 − β1, made in f64: the difference of f32s has lost five digits
  float rest2 = 1;  ///< 1 − β2
  float epsilon = 0;
  float correction1 = 1;  ///< 1/(1 − β1^step)
  float correction2 = 1;  ///< 1/(1 − β2^step)
};
void adam_loop(const float* weight, const float* gradient, const float* m, const float* v, float* new_weight,
               float* new_m, float* new_v, std::int64_t count, const AdamNumbers& numbers);

}  // namespace generalizer::onednn
