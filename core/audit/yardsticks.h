#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "audit/representation.h"

namespace generalizer {

/// The mean of some images, pixel by pixel; of all of them where `labels` is empty, else of those of class `wanted`. Pixels of nothing are 0.
std::vector<float> mean_image(const Representation& images, std::span<const std::int32_t> labels = {}, std::int32_t wanted = 0);

/// The same answer for every one of `count` images.
std::vector<float> repeated(const std::vector<float>& image, std::size_t count);

/// For each label the mean of the images `known` of its class: what can be answered where only the class is known.
std::vector<float> class_means(const Representation& known, std::span<const std::int32_t> known_labels, std::int64_t classes,
                               std::span<const std::int32_t> asked);

/// The share of the gap between a baseline and the class mean that is closed: (attacked − baseline)/(class mean − baseline) of their mean squared errors.
/// 0: nothing is forgotten, 1: nothing but the class is left. Nothing where the gap itself is nearly 0, under a thousandth of the class mean's.
std::optional<double> gap_closed(double attacked, double baseline, double class_mean);

}  // namespace generalizer
