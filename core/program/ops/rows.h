#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

/// The two inner loops that the linear reference kernels spend their time in.
namespace generalizer::ops {

/// y[i·y_step] += a·x[i·x_step] for i in [0, count)
template <class T>
inline void add_scaled(std::int64_t count, T a, const T* x, std::int64_t x_step, T* y, std::int64_t y_step) {
  if (x_step == 1 && y_step == 1) {
    for (std::int64_t i = 0; i < count; ++i) y[i] += a * x[i];
  } else {
    for (std::int64_t i = 0; i < count; ++i) y[i * y_step] += a * x[i * x_step];
  }
}

/// Σ x[i·x_step]·y[i] for i in [0, count). Eight partial sums: the compiler may not reorder one sum, and a
/// chain of dependent additions is slow.
template <class T>
inline T dot(std::int64_t count, const T* x, std::int64_t x_step, const T* y) {
  constexpr std::int64_t lanes = 8;
  std::array<T, lanes> sums{};
  std::int64_t i = 0;
  if (x_step == 1) {
    for (; i + lanes <= count; i += lanes) {
      for (std::int64_t lane = 0; lane < lanes; ++lane) {
        sums[static_cast<std::size_t>(lane)] += x[i + lane] * y[i + lane];
      }
    }
  }
  T rest{};
  for (; i < count; ++i) rest += x[i * x_step] * y[i];
  return ((sums[0] + sums[4]) + (sums[1] + sums[5])) + ((sums[2] + sums[6]) + (sums[3] + sums[7])) + rest;
}

}  // namespace generalizer::ops
