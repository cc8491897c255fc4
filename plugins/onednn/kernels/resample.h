#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace generalizer::onednn {

/// What each element of a result takes from an operand along one axis: result[i] = Σ weight(k, i)·operand[index(k, i)] over k in [0, taps). An
/// element's taps come first; where it has fewer, weights of 0 fill up, and what they would weigh is not looked at.
struct AxisTaps {
  std::int64_t from = 1;  ///< extent of the operand
  std::int64_t to = 1;    ///< of the result
  std::int64_t taps = 0;
  std::vector<std::int32_t> indices;  ///< taps×to
  std::vector<float> weights;         ///< taps×to

  std::size_t at(std::int64_t tap, std::int64_t i) const { return static_cast<std::size_t>(tap * to + i); }
  /// The way back: what each element of the operand gets from a gradient of the result.
  AxisTaps transposed() const;
};

/// Half-pixel centres; the mode is "nearest" or "bilinear".
AxisTaps resize_taps(std::int64_t from, std::int64_t to, const std::string& mode);

/// Resamples planes of from-rows×from-columns pixels to planes of to-rows×to-columns, a pixel being `block` numbers: rows first, then columns.
class Resampler {
 public:
  Resampler(AxisTaps rows, AxisTaps columns, std::int64_t planes, std::int64_t block);
  /// Floats of work space, for as many threads as OpenMP may use now.
  std::int64_t work_floats() const;
  void run(const float* x, float* y, float* work) const;

 private:
  std::int64_t work_of_thread() const;
  void make_band(const float* plane, std::int64_t band, float* y, float* work) const;
  void make_row(const float* plane, std::int64_t row, float* y, float* work) const;

  AxisTaps rows_;
  AxisTaps columns_;
  std::int64_t planes_;
  std::int64_t block_;
  std::int64_t bands_ = 1;          ///< parts of a plane that may go to different threads
  std::vector<bool> same_as_last_;  ///< by row of the result: made of the same rows as the one before
  /// For planes so small that their rows are short for a vector: the taps of all numbers of a plane, by rows and then by columns.
  bool small_ = false;
  AxisTaps small_rows_;
  AxisTaps small_columns_;
};

}  // namespace generalizer::onednn
