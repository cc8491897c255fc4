#pragma once

#include "generalizer/dataset.h"

namespace generalizer {

/// Images and labels in IDX files, the format of MNIST and the sets made in its likeness.
DatasetType idx_dataset();

}  // namespace generalizer
