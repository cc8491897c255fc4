#pragma once

#include <cstdint>
#include <vector>

namespace generalizer::onednn {

enum class Reduction : std::uint8_t { sum, mean, max };

/// A row-major tensor whose axes are either kept or reduced; neighbours of one kind are merged.
struct ReductionAxis {
  std::int64_t extent = 1;
  std::int64_t stride = 1;
  bool reduced = false;
};

/// y[kept indices, row-major] = the reduction of x over the other axes. Sums in f64.
class Reducer {
 public:
  Reducer(Reduction kind, const std::vector<ReductionAxis>& axes);
  void run(const float* x, float* y) const;

 private:
  Reduction kind_;
  std::vector<ReductionAxis> kept_;     ///< without the last axis of all
  std::vector<ReductionAxis> reduced_;  ///< likewise
  bool last_is_reduced_ = true;
  std::int64_t run_ = 1;  ///< extent of the last axis
  std::int64_t results_ = 1;
  std::int64_t cost_ = 1;
  double scale_ = 1;
};

/// Σ (a − b)², in pieces whose number depends on nothing but the count: the same sum for any number of threads.
double sum_of_squared_differences(const float* a, const float* b, std::int64_t count);

}  // namespace generalizer::onednn
