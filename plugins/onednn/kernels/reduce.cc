#include "kernels/reduce.h"

#include <cmath>
#include <limits>

#include "kernels/parallel.h"

namespace generalizer::onednn {

namespace {

constexpr std::int64_t piece_elements = 4096;
constexpr std::int64_t most_columns = 256;

GENERALIZER_ONEDNN_VECTORISED double sum_run(const float* x, std::int64_t count) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < count; ++i) sum += static_cast<double>(x[i]);
  return sum;
}

GENERALIZER_ONEDNN_VECTORISED void add_run(const float* x, double* sums, std::int64_t count) {
#pragma omp simd
  for (std::int64_t i = 0; i < count; ++i) sums[i] += static_cast<double>(x[i]);
}

GENERALIZER_ONEDNN_VECTORISED double squared_run(const float* a, const float* b, std::int64_t count) {
  double sum = 0;
#pragma omp simd reduction(+ : sum)
  for (std::int64_t i = 0; i < count; ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

/// The larger of two, NaN before all.
double larger(double a, double b) { return b > a || std::isnan(b) ? b : a; }

/// f(offset) for every index of the axes.
template <class F>
void for_each_offset(const std::vector<ReductionAxis>& axes, std::size_t axis, std::int64_t offset, F&& f) {
  if (axis == axes.size()) {
    f(offset);
    return;
  }
  for (std::int64_t i = 0; i < axes[axis].extent; ++i)
    for_each_offset(axes, axis + 1, offset + i * axes[axis].stride, f);
}

std::int64_t elements(const std::vector<ReductionAxis>& axes) {
  std::int64_t result = 1;
  for (const auto& axis : axes) result *= axis.extent;
  return result;
}

std::int64_t offset_of(const std::vector<ReductionAxis>& axes, std::int64_t index) {
  std::int64_t offset = 0;
  for (std::size_t axis = axes.size(); axis-- > 0; index /= axes[axis].extent) {
    offset += index % axes[axis].extent * axes[axis].stride;
  }
  return offset;
}

/// One result from runs of the last axis, which is reduced.
double reduce_runs(Reduction kind, const std::vector<ReductionAxis>& outer, std::int64_t run,
                   const float* x) {
  double result = kind == Reduction::max ? -std::numeric_limits<double>::infinity() : 0.0;
  for_each_offset(outer, 0, 0, [&](std::int64_t offset) {
    if (kind != Reduction::max) {
      result += sum_run(x + offset, run);
      return;
    }
    for (std::int64_t i = 0; i < run; ++i) result = larger(result, x[offset + i]);
  });
  return result;
}

/// `count` results side by side: the last axis is kept.
void reduce_columns(Reduction kind, const std::vector<ReductionAxis>& outer, std::int64_t count, double scale,
                    const float* x, float* y) {
  double results[most_columns];
  std::fill_n(results, count, kind == Reduction::max ? -std::numeric_limits<double>::infinity() : 0.0);
  for_each_offset(outer, 0, 0, [&](std::int64_t offset) {
    if (kind != Reduction::max) {
      add_run(x + offset, results, count);
      return;
    }
    for (std::int64_t i = 0; i < count; ++i) results[i] = larger(results[i], x[offset + i]);
  });
  for (std::int64_t i = 0; i < count; ++i) y[i] = static_cast<float>(results[i] * scale);
}

/// Everything into one number, in pieces.
template <class F>
double in_pieces(std::int64_t count, F&& piece_sum) {
  constexpr std::int64_t most_pieces = 64;
  const std::int64_t pieces = std::clamp<std::int64_t>(count / piece_elements, 1, most_pieces);
  double sums[most_pieces] = {};
  parallel_items(pieces, count / pieces, [&](std::int64_t piece) {
    const std::int64_t begin = count * piece / pieces;
    sums[piece] = piece_sum(begin, count * (piece + 1) / pieces - begin);
  });
  double sum = 0;
  for (std::int64_t piece = 0; piece < pieces; ++piece) sum += sums[piece];
  return sum;
}

}  // namespace

Reducer::Reducer(Reduction kind, const std::vector<ReductionAxis>& axes) : kind_(kind) {
  for (const auto& axis : axes) (axis.reduced ? reduced_ : kept_).push_back(axis);
  if (kind == Reduction::mean) scale_ = 1.0 / static_cast<double>(elements(reduced_));
  if (!axes.empty()) {
    last_is_reduced_ = axes.back().reduced;
    run_ = axes.back().extent;
    (last_is_reduced_ ? reduced_ : kept_).pop_back();
  }
  results_ = elements(kept_);
  cost_ = elements(reduced_) * run_;
}

void Reducer::run(const float* x, float* y) const {
  const bool into_one = kept_.empty() && last_is_reduced_ && reduced_.empty();
  if (into_one && kind_ != Reduction::max) {
    y[0] = static_cast<float>(scale_ * in_pieces(run_, [x](std::int64_t begin, std::int64_t count) {
                                return sum_run(x + begin, count);
                              }));
    return;
  }
  if (last_is_reduced_) {
    parallel_items(results_, cost_, [&](std::int64_t i) {
      y[i] = static_cast<float>(scale_ * reduce_runs(kind_, reduced_, run_, x + offset_of(kept_, i)));
    });
    return;
  }
  const std::int64_t pieces = (run_ + most_columns - 1) / most_columns;
  parallel_items(results_ * pieces, cost_ / pieces, [&](std::int64_t item) {
    const std::int64_t i = item / pieces;
    const std::int64_t begin = item % pieces * most_columns;
    const std::int64_t count = std::min(most_columns, run_ - begin);
    reduce_columns(kind_, reduced_, count, scale_, x + offset_of(kept_, i) + begin, y + i * run_ + begin);
  });
}

double sum_of_squared_differences(const float* a, const float* b, std::int64_t count) {
  return in_pieces(
      count, [=](std::int64_t begin, std::int64_t size) { return squared_run(a + begin, b + begin, size); });
}

}  // namespace generalizer::onednn
