#pragma once

#include <algorithm>
#include <cstdint>

#include <omp.h>

/// GCC makes a function under this three times, for AVX-512, AVX2 and any x86-64, and the loader takes the best that the machine has. It
/// does not reach into OpenMP's regions: those stand in unmarked functions that call marked ones with a range. No macro would be better,
/// but the sanitizers can't stand the loader's early call. Defined beforehand as nothing, it leaves one version, for the processor that the
/// file is compiled for.
#if defined(GENERALIZER_ONEDNN_VECTORISED)
#elif defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__) && !defined(__SANITIZE_ADDRESS__) && \
    !defined(__SANITIZE_THREAD__)
#define GENERALIZER_ONEDNN_VECTORISED \
  __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define GENERALIZER_ONEDNN_VECTORISED
#endif

namespace generalizer::onednn {

/// Below this many elements waking the other threads costs more than they save.
constexpr std::int64_t elements_worth_a_thread = 8192;

/// f(begin, end) over [0, count) in one contiguous piece a thread, borders at multiples of 64.
template <class F>
void parallel_range(std::int64_t count, F&& f) {
  const std::int64_t threads = std::min<std::int64_t>(omp_get_max_threads(), count / elements_worth_a_thread);
  if (threads <= 1) {
    f(std::int64_t{0}, count);
    return;
  }
#pragma omp parallel num_threads(static_cast <int>(threads))
  {
    // The system may give fewer threads than asked for.
    const std::int64_t team = omp_get_num_threads();
    const std::int64_t share = ((count + team - 1) / team + 63) / 64 * 64;
    const std::int64_t begin = share * omp_get_thread_num();
    const std::int64_t end = std::min(count, begin + share);
    if (begin < end) f(begin, end);
  }
}

/// f(i) for each of `count` items of about `cost` elements each.
template <class F>
void parallel_items(std::int64_t count, std::int64_t cost, F&& f) {
  const std::int64_t threads = std::min<std::int64_t>(
      {omp_get_max_threads(), count, count * std::max<std::int64_t>(cost, 1) / elements_worth_a_thread});
  if (threads <= 1) {
    for (std::int64_t i = 0; i < count; ++i) f(i);
    return;
  }
#pragma omp parallel for schedule(static) num_threads(static_cast <int>(threads))
  for (std::int64_t i = 0; i < count; ++i) f(i);
}

}  // namespace generalizer::onednn
