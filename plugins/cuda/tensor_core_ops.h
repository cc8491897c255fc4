#pragma once

#include "generalizer/op.h"

namespace generalizer::cuda {

/// Ops that only this backend's programs have. Each has a reference kernel, for the stand-in of a device.

/// f32[…] → u8[…×2]: bf16.
const OpDefinition& bf16_copy();
/// f32[…] → f32[…]: rounded to bf16.
const OpDefinition& round_to_bf16();
/// matmul of two copies in bf16, with its attributes and an f32 result.
const OpDefinition& matmul_bf16();
/// conv2d, conv2d_backward_data or conv2d_backward_weights, with its attributes, of images and kernels with channels last. The first may have a bias as third
/// operand, and then takes relu of its result.
const OpDefinition& channels_last(const std::string& convolution);

/// From NCHW to NHWC and back.
inline const std::vector<std::int64_t> kToLast = {0, 2, 3, 1};
inline const std::vector<std::int64_t> kFromLast = {0, 3, 1, 2};

}  // namespace generalizer::cuda
