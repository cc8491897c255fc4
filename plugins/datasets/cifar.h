#pragma once

#include "generalizer/dataset.h"

namespace generalizer {

/// CIFAR-10 and CIFAR-100 in their binary form (Krizhevsky, 2009, "Learning multiple layers of features from tiny images").
DatasetType cifar_dataset();

}  // namespace generalizer
