#pragma once

#include <cstddef>
#include <optional>
#include <span>

namespace generalizer {

/// A figure measured with several seeds.
struct Estimate {
  std::size_t count = 0;
  double mean = 0.0;
  /// Half the width of the 95 % confidence interval around the mean; none of a single measurement, which tells nothing of its spread.
  std::optional<double> half_width;

  double low() const { return mean - half_width.value_or(0.0); }
  double high() const { return mean + half_width.value_or(0.0); }
};

/// Mean and Student's t interval (Student, 1908): mean ± t(0.975; n − 1) · s / √n, with s² the sum of squared deviations over n − 1. At least one value.
Estimate estimate(std::span<const double> values);

/// The t of that interval: Student's distribution with so many degrees of freedom (at least 1) has 95 % of its mass within ±t.
double student_t(std::size_t degrees_of_freedom);

}  // namespace generalizer
