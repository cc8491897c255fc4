#include "sweep/axis_ticks.h"

#include <algorithm>
#include <cmath>

namespace generalizer {

AxisTicks ticks_for(double low, double high, int wanted) {
  const double room = high > low ? 0.06 * (high - low) : std::max(std::abs(low) * 0.05, 1e-6);
  AxisTicks ticks{low - room, high + room, {}, 0};
  const double rough = (ticks.high - ticks.low) / wanted;
  const double power = std::pow(10.0, std::floor(std::log10(rough)));
  double step = 10.0 * power;
  for (const double factor : {1.0, 2.0, 5.0}) {
    if (factor * power >= rough) {
      step = factor * power;
      break;
    }
  }
  ticks.decimals = std::max(0, -static_cast<int>(std::floor(std::log10(step) + 1e-9)));
  for (double k = std::ceil(ticks.low / step); k * step <= ticks.high; k += 1.0) ticks.at.push_back(k * step);
  return ticks;
}

}  // namespace generalizer
