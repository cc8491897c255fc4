#pragma once

#include <bit>
#include <cstdint>

/// Functions of one f32 that the compiler can put in the lanes of vectors: no branch, no call. Right to two units in the last place of f32. The
/// same operations for every element, so a result depends on its operand alone.
namespace generalizer::onednn {

namespace detail {
/// c[0] + c[1]·x + c[2]·x² + …
template <class... Coefficients>
[[gnu::always_inline]] inline float polynomial(float x, float first, Coefficients... rest) {
  if constexpr (sizeof...(rest) == 0) {
    return first;
  } else {
    return polynomial(x, rest...) * x + first;
  }
}
}  // namespace detail

/// e^x for x in [−80, 80]. Polynomial and split of ln 2: Moshier, 1989, "Cephes".
[[gnu::always_inline]] inline float vector_exp(float x) {
  constexpr float shift = 0x1.8p23F;  // what is added to it is rounded to a whole number
  const float count = (x * 1.44269504F + shift) - shift;
  const float r = (x - count * 0.693359375F) + count * 2.12194440e-4F;
  const float p = detail::polynomial(r, 5.0000001201e-1F, 1.6666665459e-1F, 4.1665795894e-2F,
                                     8.3334519073e-3F, 1.3981999507e-3F, 1.9875691500e-4F);
  const float power = std::bit_cast<float>((static_cast<std::int32_t>(count) + 127) << 23);
  return (p * (r * r) + r + 1.0F) * power;
}

/// ln x for normal x > 0. Polynomial and split of ln 2: Moshier, 1989, "Cephes".
[[gnu::always_inline]] inline float vector_log(float x) {
  constexpr std::int32_t root_of_half = 0x3F3504F3;
  const auto bits = std::bit_cast<std::int32_t>(x);
  const std::int32_t exponent = (bits - root_of_half) >> 23;
  const float r = std::bit_cast<float>(bits - (exponent << 23)) - 1.0F;  // √½ − 1 … √2 − 1
  const float p = detail::polynomial(r, 3.3333331174e-1F, -2.4999993993e-1F, 2.0000714765e-1F,
                                     -1.6668057665e-1F, 1.4249322787e-1F, -1.2420140846e-1F, 1.1676998740e-1F,
                                     -1.1514610310e-1F, 7.0376836292e-2F);
  const auto e = static_cast<float>(exponent);
  const float square = r * r;
  return ((p * r * square - e * 2.12194440e-4F) - 0.5F * square) + r + e * 0.693359375F;
}

/// cos 2πt for t in [0, 1) that is a multiple of 2^−24: the reduction to the nearest quarter turn is exact. Polynomials: Moshier, 1989,
/// "Cephes".
[[gnu::always_inline]] inline float vector_cos_of_turns(float t) {
  const auto quarter = static_cast<std::int32_t>(t * 4.0F + 0.5F);
  const float angle = (t - static_cast<float>(quarter) * 0.25F) * 6.28318531F;  // −π/4 … π/4
  const float square = angle * angle;
  const float sine =
      detail::polynomial(square, -1.6666654611e-1F, 8.3321608736e-3F, -1.9515295891e-4F) * square * angle +
      angle;
  const float cosine =
      detail::polynomial(square, 4.166664568298827e-2F, -1.388731625493765e-3F, 2.443315711809948e-5F) *
          (square * square) -
      0.5F * square + 1.0F;
  const float value = (quarter & 1) != 0 ? sine : cosine;
  return ((quarter + 1) & 2) != 0 ? -value : value;  // cos, −sin, −cos, sin, cos
}

/// erf x for all x, NaN included. Below 1 a polynomial in x² fitted to erf(x)/x; beyond, one in x to −ln erfc(x) for x up to 4, where erf is 1 in
/// f32.
[[gnu::always_inline]] inline float vector_erf(float x) {
  const float size = std::bit_cast<float>(std::bit_cast<std::uint32_t>(x) & 0x7FFFFFFFU);
  const float square = x * x;
  const float near = detail::polynomial(square, 1.12837911F, -0.37612626F, 0.112836003F, -0.0268544443F,
                                        0.00518953567F, -0.000802084222F, 7.88912294e-05F) *
                     x;
  const float t = size < 4.0F ? size : 4.0F;
  const float exponent = detail::polynomial(t, 0.000353718759F, 1.12704003F, 0.638225675F, 0.103037372F,
                                            -0.0218053199F, 0.00293960795F, -0.00018557407F);
  const float tail = 1.0F - vector_exp(-exponent);
  const float far = x < 0.0F ? -tail : tail;
  return size > 1.0F ? far : near;
}

}  // namespace generalizer::onednn
