#pragma once

#include <string>
#include <vector>

#include "generalizer/layer.h"

namespace generalizer {

/// The numbers of the weight `name` ("PLAYER/LAYER/kernel") from the file that its initializer names, row-major: a tensor of a safetensors file, or a
/// NumPy .npy file (npy.h). Throws `DataError` naming the file when it can't be read, holds no such tensor, or one of
/// another shape.
std::vector<double> read_weight(const std::string& name, const Shape& shape, const Initializer& initializer);

}  // namespace generalizer
