#pragma once

#include "generalizer/program.h"

namespace generalizer::cuda {

/// The program for its arithmetic; it itself where that is exact. Inputs, variables, outputs and assignments stay as they are, in their order.
///
/// bf16: a matmul reads copies of its operands in bf16, a convolution copies that are rounded to bf16 and kept in f32. A value is copied once, however
/// many products read it.
///
/// tf32 and bf16: a convolution whose channels fill tensor cores computes on images with channels last, which those need: its operands are turned round before
/// and its result after, instead of by cuDNN in every call. cuDNN multiplies f32 there as tf32, of which numbers rounded to bf16 are a part: those products are
/// exact. (Its own bf16 convolutions round their results to bf16 as well, which here stay f32.)
Program for_tensor_cores(const Program& program);

/// The nearest number in bf16, of two equally near ones the even one; what is no number stays none.
std::uint16_t to_bf16(float number);
float from_bf16(std::uint16_t bits);
/// The nearest number with 10 bits of mantissa, in the same way.
float to_tf32(float number);

/// Whether a library computes the op: one of the program's own, or one of those that `for_tensor_cores` puts in.
bool is_matmul(const Node& node);
bool is_convolution(const Node& node);
/// "conv2d_backward_data" for "conv2d_backward_data_nhwc", and each other op's own name.
std::string plain_name(const Node& node);
bool has_channels_last(const Node& node);
/// Of a value that a matmul in bf16 reads: the operand's own shape.
Shape shape_of_copy(const Shape& copy);

}  // namespace generalizer::cuda
