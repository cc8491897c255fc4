#pragma once

#include "generalizer/layer.h"

/// The built-in kinds of layer; each is defined in the file named after it. Shapes begin with the batch N; weights'
/// names and layouts: dense kernel [in, out], conv2d kernel [out, in/groups, rows, columns], conv2d_transpose
/// kernel [in, out, rows, columns], bias [out]; batch_norm scale, shift, mean and variance [C]. Kernels begin
/// Glorot-uniform, biases at 0.
namespace generalizer::layers {

LayerType activation();
LayerType add();
LayerType avg_pool2d();
LayerType batch_norm();
LayerType concat();
LayerType conv2d();
LayerType conv2d_transpose();
LayerType dense();
LayerType dropout();
LayerType flatten();
LayerType max_pool2d();
LayerType reshape();

}  // namespace generalizer::layers
