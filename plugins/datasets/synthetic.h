#pragma once

#include "generalizer/dataset.h"

namespace generalizer {

/// Made-up images of any shape in any number of classes, for trying a network without data: what torchvision calls FakeData, but with something in the
/// images to be learnt.
DatasetType synthetic_dataset();

}  // namespace generalizer
