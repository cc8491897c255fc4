#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// A range of numbers and round ticks in it, for an axis.
struct AxisTicks {
  double low = 0.0;
  double high = 1.0;
  std::vector<double> at;
  int decimals = 0;  ///< that tell the ticks apart
};

/// About `wanted` ticks at multiples of 1, 2 or 5 times a power of ten, within a range that holds `low` and `high` with a little room around them.
AxisTicks ticks_for(double low, double high, int wanted);

}  // namespace generalizer
