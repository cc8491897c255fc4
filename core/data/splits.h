#pragma once

#include <memory>

#include "config/graph_spec.h"
#include "data/normalization.h"
#include "generalizer/dataset.h"
#include "generalizer/registry.h"

namespace generalizer {

/// A graph's data, with everything that [data] asks for done to it: `validation`, `label_noise` (training labels alone) and `augment`. Read
/// training images with `read_image_of_epoch` (data/augmented.h), as `Batcher` does.
struct Splits {
  std::unique_ptr<Dataset> train;
  std::unique_ptr<Dataset> validation;  ///< null without [data] `validation`
  std::unique_ptr<Dataset> test;
  Normalization normalization;  ///< of every image, to be undone for display
};

/// Opens all of it. Throws `DataError`, `GraphError` for augmentations that don't fit the images, and `PluginError`.
Splits open_splits(const GraphSpec& spec, const Registry& registry);
/// The same without the test set …
Splits open_training_splits(const GraphSpec& spec, const Registry& registry);
/// … and the test set alone.
std::unique_ptr<Dataset> open_test_split(const GraphSpec& spec, const Registry& registry);

}  // namespace generalizer
