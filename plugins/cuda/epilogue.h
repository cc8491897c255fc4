#pragma once

#include <vector>

#include "library_step.h"

namespace generalizer::cuda {

/// What a library does to a product before it is written.
enum class Epilogue : std::uint8_t {
  none,
  bias,
  bias_relu,
  relu,
  bias_gradient,  ///< nothing; besides, the sums over the inner extent of the right operand
};

/// The nodes after a matmul or a convolution that its call can do: bias_add, relu, or the two. They are the only readers of what the call would no longer
/// write, which is neither an output nor assigned.
///
/// gelu is not among them: cuBLASLt computes its approximation by tanh, and a program says which of the two it means. Nor is a bias alone on a
/// convolution, for which cuDNN has one algorithm and no choice. Nor is relu's gradient by a mask
/// (RELU_AUX in the one call, DRELU in the other): the mask would be memory that no value of the program stands for.
std::vector<const Node*> forward_epilogue(const Program& program, const Node& product, const Readers& readers);

/// Of a product xᵀ·dy, the gradient of weights: channel_sum(dy), the gradient of a bias. Only in exact arithmetic, as the sum would be made of rounded numbers
/// in another.
std::vector<const Node*> gradient_epilogue(const Program& program, const Node& product, const Readers& readers);

/// The epilogue that a step's nodes come to.
Epilogue epilogue_of(const LibraryStep& step);

}  // namespace generalizer::cuda
