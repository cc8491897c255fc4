#pragma once

#include <cmath>

#include "generalizer/ops.h"
#include "generalizer/program.h"
#include "support/evaluate.h"

/// What operands of products become in each arithmetic, said without bits: the nearest number with so many significant digits in binary, and of two equally
/// near ones the even one.
namespace generalizer::test {

inline int significant_bits(Arithmetic arithmetic) { return arithmetic == Arithmetic::bf16 ? 8 : arithmetic == Arithmetic::tf32 ? 11 : 24; }

inline double rounded(double number, Arithmetic arithmetic) {
  int exponent = 0;
  const double fraction = std::frexp(number, &exponent);
  const int bits = significant_bits(arithmetic);
  return std::ldexp(std::nearbyint(std::ldexp(fraction, bits)), exponent - bits);
}

inline Array rounded(Array array, Arithmetic arithmetic) {
  for (std::size_t i = 0; i < array.size(); ++i) array.set(i, rounded(array.get(i), arithmetic));
  return array;
}

}  // namespace generalizer::test
