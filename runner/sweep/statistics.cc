#include "sweep/statistics.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>

namespace generalizer {

double student_t(std::size_t degrees_of_freedom) {
  return boost::math::quantile(boost::math::students_t(static_cast<double>(degrees_of_freedom)), 0.975);
}

Estimate estimate(std::span<const double> values) {
  const auto n = static_cast<double>(values.size());
  double sum = 0.0;
  for (const double value : values) sum += value;
  Estimate result{values.size(), sum / n, std::nullopt};
  if (values.size() < 2) return result;
  double squares = 0.0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.half_width = student_t(values.size() - 1) * std::sqrt(squares / (n - 1.0) / n);
  return result;
}

}  // namespace generalizer
