#pragma once

#if defined(__SSE__)
#include <xmmintrin.h>
#endif

namespace generalizer::onednn {

/// While one lives, its thread takes numbers below the smallest normal one (1.2e-38 in f32) for zero. Moments of weights that get no gradient
/// any more decay to such numbers, and processors need a hundred times as long for them: after a thousand steps a step would take
/// twice its time. Machines without the mode go without.
class FlushDenormals {
 public:
#if defined(__SSE__)
  FlushDenormals() : before_(_mm_getcsr()) { _mm_setcsr(before_ | flush_results | flush_operands); }
  ~FlushDenormals() { _mm_setcsr(before_); }
#else
  FlushDenormals() = default;
#endif
  FlushDenormals(const FlushDenormals&) = delete;
  FlushDenormals& operator=(const FlushDenormals&) = delete;

  /// For a thread of OpenMP's, which does nothing else: until it ends.
  static void for_good() {
#if defined(__SSE__)
    _mm_setcsr(_mm_getcsr() | flush_results | flush_operands);
#endif
  }

 private:
#if defined(__SSE__)
  static constexpr unsigned flush_results = 0x8000;
  static constexpr unsigned flush_operands = 0x0040;
  unsigned before_;
#endif
};

}  // namespace generalizer::onednn
