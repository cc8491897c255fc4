#pragma once

#include <vector>

#include "config/keys.h"

namespace generalizer {

/// The augmentations that `[data] augment` may name.
const std::vector<OwnType>& augmentation_types();

}  // namespace generalizer
