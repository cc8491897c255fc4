#include "kernels/resample.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

/// to[i] = Σ weight·x[row][i] over the rows that row `row` of the result is made of.
GENERALIZER_ONEDNN_VECTORISED void weigh_rows(const AxisTaps& taps, std::int64_t row, const float* x,
                                              std::int64_t length, float* to) {
  for (std::int64_t tap = 0; tap < taps.taps; ++tap) {
    const float weight = taps.weights[taps.at(tap, row)];
    if (weight == 0.0F) break;
    const float* from = x + taps.indices[taps.at(tap, row)] * length;
    if (tap == 0) {
#pragma omp simd
      for (std::int64_t i = 0; i < length; ++i) to[i] = weight * from[i];
    } else {
#pragma omp simd
      for (std::int64_t i = 0; i < length; ++i) to[i] += weight * from[i];
    }
  }
}

/// A row, or a small plane, of pixels that are single numbers.
GENERALIZER_ONEDNN_VECTORISED void weigh_numbers(const AxisTaps& taps, const float* x, float* y) {
  const std::int64_t count = taps.to;
  for (std::int64_t tap = 0; tap < taps.taps; ++tap) {
    const std::int32_t* indices = taps.indices.data() + tap * count;
    const float* weights = taps.weights.data() + tap * count;
    if (tap == 0) {
#pragma omp simd
      for (std::int64_t i = 0; i < count; ++i) {
        const float value = x[indices[i]];
        y[i] = weights[i] != 0.0F ? weights[i] * value : 0.0F;
      }
    } else {
#pragma omp simd
      for (std::int64_t i = 0; i < count; ++i) {
        const float value = x[indices[i]];
        const float more = y[i] + weights[i] * value;
        y[i] = weights[i] != 0.0F ? more : y[i];
      }
    }
  }
}

/// `fixed`: numbers a pixel, known to the compiler, or 0.
template <std::int64_t fixed>
[[gnu::always_inline]] inline void weigh_pixels(const AxisTaps& taps, std::int64_t block, const float* x,
                                                float* y) {
  const std::int64_t size = fixed != 0 ? fixed : block;
  for (std::int64_t i = 0; i < taps.to; ++i) {
    float* to = y + i * size;
    if (taps.weights[taps.at(0, i)] == 0.0F) std::memset(to, 0, static_cast<std::size_t>(size) * 4);
    for (std::int64_t tap = 0; tap < taps.taps; ++tap) {
      const float weight = taps.weights[taps.at(tap, i)];
      if (weight == 0.0F) break;
      const float* from = x + taps.indices[taps.at(tap, i)] * size;
      if (tap == 0) {
#pragma omp simd
        for (std::int64_t k = 0; k < size; ++k) to[k] = weight * from[k];
      } else {
#pragma omp simd
        for (std::int64_t k = 0; k < size; ++k) to[k] += weight * from[k];
      }
    }
  }
}

GENERALIZER_ONEDNN_VECTORISED void weigh_columns(const AxisTaps& taps, std::int64_t block, const float* x,
                                                 float* y) {
  switch (block) {
    case 8:
      return weigh_pixels<8>(taps, block, x, y);
    case 16:
      return weigh_pixels<16>(taps, block, x, y);
    default:
      return weigh_pixels<0>(taps, block, x, y);
  }
}

/// One element's taps, without those that weigh nothing.
using Taps = std::vector<std::pair<std::int32_t, float>>;

AxisTaps packed(std::int64_t from, const std::vector<Taps>& by_element) {
  AxisTaps result;
  result.from = from;
  result.to = static_cast<std::int64_t>(by_element.size());
  result.taps = 1;
  for (const Taps& taps : by_element)
    result.taps = std::max(result.taps, static_cast<std::int64_t>(taps.size()));
  result.indices.resize(static_cast<std::size_t>(result.taps * result.to));
  result.weights.resize(result.indices.size());
  for (std::int64_t i = 0; i < result.to; ++i) {
    std::int64_t tap = 0;
    for (const auto& [index, weight] : by_element[static_cast<std::size_t>(i)]) {
      result.indices[result.at(tap, i)] = index;
      result.weights[result.at(tap++, i)] = weight;
    }
  }
  return result;
}

enum class Axis : std::uint8_t { rows, columns };

/// The taps of all numbers of a plane that is resampled along one axis, where the other has `others` places.
AxisTaps of_plane(const AxisTaps& taps, Axis axis, std::int64_t others) {
  const auto place = [&](std::int64_t other, std::int64_t i, std::int64_t extent) {
    return axis == Axis::rows ? i * others + other : other * extent + i;
  };
  AxisTaps result{taps.from * others, taps.to * others, taps.taps, {}, {}};
  result.indices.resize(static_cast<std::size_t>(result.taps * result.to));
  result.weights.resize(result.indices.size());
  for (std::int64_t tap = 0; tap < taps.taps; ++tap) {
    for (std::int64_t other = 0; other < others; ++other) {
      for (std::int64_t i = 0; i < taps.to; ++i) {
        const std::size_t to = result.at(tap, place(other, i, taps.to));
        const std::size_t from = taps.at(tap, i);
        result.indices[to] = static_cast<std::int32_t>(place(other, taps.indices[from], taps.from));
        result.weights[to] = taps.weights[from];
      }
    }
  }
  return result;
}

bool same_taps(const AxisTaps& taps, std::int64_t a, std::int64_t b) {
  for (std::int64_t tap = 0; tap < taps.taps; ++tap) {
    if (taps.indices[taps.at(tap, a)] != taps.indices[taps.at(tap, b)]) return false;
    if (taps.weights[taps.at(tap, a)] != taps.weights[taps.at(tap, b)]) return false;
  }
  return true;
}

/// Floats from one thread's work space to the next one's: with a gap, as processors fetch the lines beside those that they are asked for, which
/// would then go to and fro between two cores.
std::int64_t apart(std::int64_t floats) { return (floats + 127) / 128 * 128 + 128; }

}  // namespace

AxisTaps AxisTaps::transposed() const {
  std::vector<Taps> back(static_cast<std::size_t>(from));
  for (std::int64_t i = 0; i < to; ++i) {
    for (std::int64_t tap = 0; tap < taps && weights[at(tap, i)] != 0.0F; ++tap)
      back[static_cast<std::size_t>(indices[at(tap, i)])].emplace_back(static_cast<std::int32_t>(i),
                                                                       weights[at(tap, i)]);
  }
  return packed(to, back);
}

AxisTaps resize_taps(std::int64_t from, std::int64_t to, const std::string& mode) {
  std::vector<Taps> result(static_cast<std::size_t>(to));
  const double ratio = static_cast<double>(from) / static_cast<double>(to);
  for (std::int64_t i = 0; i < to; ++i) {
    Taps& taps = result[static_cast<std::size_t>(i)];
    if (mode == "nearest") {
      // (2i + 1)·from / (2·to), rounded down, in whole numbers: exact.
      taps.emplace_back(static_cast<std::int32_t>(std::min((2 * i + 1) * from / (2 * to), from - 1)), 1.0F);
      continue;
    }
    const double place = std::max((static_cast<double>(i) + 0.5) * ratio - 0.5, 0.0);
    const std::int64_t first = std::min(static_cast<std::int64_t>(place), from - 1);
    const double weight = first + 1 < from ? place - static_cast<double>(first) : 0.0;
    taps.emplace_back(static_cast<std::int32_t>(first), static_cast<float>(1.0 - weight));
    if (weight != 0.0) taps.emplace_back(static_cast<std::int32_t>(first + 1), static_cast<float>(weight));
  }
  return packed(from, result);
}

Resampler::Resampler(AxisTaps rows, AxisTaps columns, std::int64_t planes, std::int64_t block)
    : rows_(std::move(rows)), columns_(std::move(columns)), planes_(planes), block_(block) {
  constexpr std::int64_t vector = 16;
  constexpr std::int64_t most_taps = 2048;  // that leave room in the cache for what they weigh
  const bool copies = rows_.taps == 1 && columns_.taps == 1;  // faster by rows, many of which are equal
  small_ = block_ == 1 && !copies && std::max(columns_.from, columns_.to) < vector &&
           rows_.to * std::max(rows_.taps * columns_.from, columns_.taps * columns_.to) <= most_taps;
  if (small_) {
    small_rows_ = of_plane(rows_, Axis::rows, columns_.from);
    small_columns_ = of_plane(columns_, Axis::columns, rows_.to);
    return;
  }
  // Whole planes, unless there are too few of them to keep all threads busy.
  const std::int64_t wanted = 4 * omp_get_max_threads();
  bands_ = std::clamp<std::int64_t>(wanted / planes_, 1, rows_.to);
  for (std::int64_t row = 0; row < rows_.to; ++row)
    same_as_last_.push_back(row > 0 && same_taps(rows_, row - 1, row));
}

std::int64_t Resampler::work_of_thread() const {
  return apart((small_ ? rows_.to : 1) * columns_.from * block_);
}

std::int64_t Resampler::work_floats() const { return work_of_thread() * omp_get_max_threads(); }

void Resampler::run(const float* x, float* y, float* work) const {
  const std::int64_t from_plane = rows_.from * columns_.from * block_;
  const std::int64_t to_plane = rows_.to * columns_.to * block_;
  parallel_items(planes_ * bands_, (from_plane + to_plane) / bands_, [&](std::int64_t item) {
    const float* plane = x + item / bands_ * from_plane;
    float* result = y + item / bands_ * to_plane;
    float* own = work + work_of_thread() * omp_get_thread_num();
    if (small_) {
      weigh_numbers(small_rows_, plane, own);
      weigh_numbers(small_columns_, own, result);
    } else {
      make_band(plane, item % bands_, result, own);
    }
  });
}

void Resampler::make_band(const float* plane, std::int64_t band, float* y, float* work) const {
  const std::int64_t length = columns_.to * block_;
  const std::int64_t begin = rows_.to * band / bands_;
  const std::int64_t end = rows_.to * (band + 1) / bands_;
  for (std::int64_t row = begin; row < end; ++row) {
    float* to = y + row * length;
    if (row > begin && same_as_last_[static_cast<std::size_t>(row)]) {
      std::memcpy(to, to - length, static_cast<std::size_t>(length) * 4);
    } else {
      make_row(plane, row, to, work);
    }
  }
}

void Resampler::make_row(const float* plane, std::int64_t row, float* y, float* work) const {
  const float first = rows_.weights[rows_.at(0, row)];
  if (first == 0.0F) {  // nothing falls on it
    std::memset(y, 0, static_cast<std::size_t>(columns_.to * block_) * 4);
    return;
  }
  const bool one = first == 1.0F && (rows_.taps == 1 || rows_.weights[rows_.at(1, row)] == 0.0F);
  const float* from = work;
  if (one) {
    from = plane + rows_.indices[rows_.at(0, row)] * columns_.from * block_;
  } else {
    weigh_rows(rows_, row, plane, columns_.from * block_, work);
  }
  if (block_ == 1) {
    weigh_numbers(columns_, from, y);
  } else {
    weigh_columns(columns_, block_, from, y);
  }
}

}  // namespace generalizer::onednn
