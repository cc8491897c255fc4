#pragma once

#include "generalizer/layer.h"

/// The built-in kinds of layer; each is defined in the file named after it. Shapes begin with the batch N; weights'
/// names and layouts: dense kernel [in, out], conv2d kernel [out, in/groups, rows, columns], conv2d_transpose
/// kernel [in, out, rows, columns], bias [out]; batch_norm scale, shift, mean and variance [C]; group_norm
/// scale and shift [C]; layer_norm scale and shift, of the shape that is normalised; embedding table [count, units];
/// variational mean_kernel and deviation_kernel [in, out] and their biases;
/// multi_head_attention query_, key_, value_ and output_kernel [in, out], heads side by side, and their biases. Kernels begin
/// Glorot-uniform where the graph doesn't say otherwise, biases at 0.
namespace generalizer::layers {

LayerType activation();
LayerType add();
LayerType avg_pool2d();
LayerType batch_norm();
LayerType concat();
LayerType conv2d();
LayerType conv2d_transpose();
LayerType crop();
LayerType dense();
LayerType dropout();
LayerType embedding();
LayerType flatten();
LayerType gaussian_noise();
LayerType global_avg_pool2d();
LayerType gradient_reversal();
LayerType group_norm();
LayerType l2_normalize();
LayerType layer_norm();
LayerType max_pool2d();
LayerType multi_head_attention();
LayerType multiply();
LayerType pad();
LayerType permute();
LayerType position_embedding();
LayerType reshape();
LayerType slice();
LayerType spatial_dropout();
LayerType stop_gradient();
LayerType upsample();
LayerType variational();

}  // namespace generalizer::layers
