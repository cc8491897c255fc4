#include "audit/ranking.h"

#include <algorithm>
#include <cmath>
#include <vector>

namespace generalizer {
namespace {

std::vector<double> sorted(std::span<const double> scores) {
  std::vector<double> result(scores.begin(), scores.end());
  std::sort(result.begin(), result.end());
  return result;
}

}  // namespace

double area_under_curve(std::span<const double> positives, std::span<const double> negatives) {
  const std::vector<double> below = sorted(negatives);
  double wins = 0.0;
  for (const double score : positives) {
    const auto [first, last] = std::equal_range(below.begin(), below.end(), score);
    wins += static_cast<double>(first - below.begin()) + 0.5 * static_cast<double>(last - first);
  }
  return wins / static_cast<double>(positives.size()) / static_cast<double>(negatives.size());
}

double true_positive_rate_at(std::span<const double> positives, std::span<const double> negatives,
                             double false_positive_rate) {
  const std::vector<double> members = sorted(positives);
  const std::vector<double> others = sorted(negatives);
  const auto allowed =
      static_cast<std::size_t>(std::floor(false_positive_rate * static_cast<double>(others.size()) + 1e-9));
  if (allowed >= others.size()) return 1.0;
  // Above the first negative too many: with it or below, too many negatives would be taken.
  const double limit = others[others.size() - 1 - allowed];
  const auto above = members.end() - std::upper_bound(members.begin(), members.end(), limit);
  return static_cast<double>(above) / static_cast<double>(members.size());
}

}  // namespace generalizer
