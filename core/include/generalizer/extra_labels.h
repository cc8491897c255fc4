#pragma once

#include <string>
#include <vector>

#include "generalizer/dataset.h"

namespace generalizer {

/// A further column of labels that comes with images and that no network is trained on: what else could be read off a representation.
struct LabelColumn {
  std::string name;
  std::int64_t classes = 0;  ///< its labels are in [0, classes)
};

/// What a dataset derives from, beside `Dataset`, when it has such columns.
class GENERALIZER_EXPORT ExtraLabels {
 public:
  virtual ~ExtraLabels() = default;
  /// The same columns in the training and the test set.
  virtual std::vector<LabelColumn> extra_labels() const = 0;
  /// The label of image `index` in one of them.
  virtual std::int32_t extra_label(std::size_t column, std::int64_t index) const = 0;
};

/// Those of a dataset; none for one that isn't derived from `ExtraLabels`.
GENERALIZER_EXPORT std::vector<LabelColumn> extra_labels_of(const Dataset& data);
GENERALIZER_EXPORT std::int32_t extra_label_of(const Dataset& data, std::size_t column, std::int64_t index);

}  // namespace generalizer
