#pragma once

#include <string>
#include <vector>

#include "generalizer/picture.h"
#include "generalizer/shape.h"

namespace generalizer {

/// The picture as an image of the network, C×H×W in [0, 1]; colours become grey (ITU-R BT.601 luma) and grey
/// becomes colours where the network has other channels. Inverted: 1 − x, for dark things on a light ground.
/// Throws `DataError` with both sizes, and what to do, when they differ; with `fit` it is resized instead.
std::vector<float> to_image(Picture picture, const Shape& shape, bool invert, bool fit, const std::string& path);

}  // namespace generalizer
