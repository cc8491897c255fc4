#pragma once

#include <optional>
#include <string>

#include "trainer/metrics.h"
#include "trainer/network.h"

namespace generalizer {

/// The sums that the players' steps have gathered on the device since an epoch began, as means over the images that they are of.
void clear_train_sums(Network& network);
ClassifierMetrics train_means(const Network& network);
/// None when the decoder did no step.
std::optional<double> decoder_train_mean(const Network& network, const std::string& decoder);

}  // namespace generalizer
