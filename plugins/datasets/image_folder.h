#pragma once

#include "generalizer/dataset.h"

namespace generalizer {

/// Pictures in a folder a class, as torchvision's ImageFolder and Keras' image_dataset_from_directory read them.
DatasetType image_folder_dataset();

}  // namespace generalizer
