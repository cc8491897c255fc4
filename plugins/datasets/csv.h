#pragma once

#include "generalizer/dataset.h"

namespace generalizer {

/// Images as lines of numbers with a label, such as Kaggle's MNIST files.
DatasetType csv_dataset();

}  // namespace generalizer
