#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "generalizer/dataset.h"
#include "generalizer/extra_labels.h"
#include "pixels.h"

namespace generalizer {

/// A column of further labels, one an image.
struct StoredLabels {
  LabelColumn column;
  std::vector<std::int32_t> labels;
};

/// Labelled images in memory: their numbers as the files have them, bytes or single precision, image after image, each C×H×W.
struct StoredImages {
  Shape shape;                        ///< C×H×W
  std::vector<std::uint8_t> bytes;    ///< one of the two is empty
  std::vector<float> numbers;
  Range range;                        ///< which of the numbers are read as 0 and as 1
  std::vector<std::int32_t> labels;   ///< one an image, or empty: no labels
  std::int64_t classes = 0;           ///< 0 without labels
  std::vector<std::string> class_names;
  std::vector<StoredLabels> extra_labels;
  std::int64_t size = 0;              ///< images given, the first ones of those stored
};

/// The dataset of them. Shared by every format that is read whole.
std::unique_ptr<Dataset> dataset_of(StoredImages images);

}  // namespace generalizer
