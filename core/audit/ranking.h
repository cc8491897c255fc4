#pragma once

#include <span>

namespace generalizer {

// How well a score tells positives, which should score higher, from negatives. Equal scores are shared out evenly, as scikit-learn does.

/// The area under the receiver operating characteristic: the chance that a positive scores higher than a negative, a draw counting half. Needs at
/// least one of each.
double area_under_curve(std::span<const double> positives, std::span<const double> negatives);

/// The largest share of the positives that scores at least a threshold which at most `false_positive_rate` of the negatives reach.
double true_positive_rate_at(std::span<const double> positives, std::span<const double> negatives, double false_positive_rate);

}  // namespace generalizer
