#pragma once

#include "generalizer/dataset.h"

namespace generalizer {

/// Images and labels as arrays in NumPy's .npz files, such as Keras' mnist.npz.
DatasetType npz_dataset();

}  // namespace generalizer
