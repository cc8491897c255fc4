#pragma once

#include <cstdint>
#include <string>

/// Loops over a range of elements, one thread each: the callers divide the work. `p` and `q` are the op's numbers (slope; scale and shift;
/// threshold). Operands may be the result's own memory.
namespace generalizer::onednn {

using UnaryLoop = void (*)(const float* x, float* y, std::int64_t count, float p, float q);
using BinaryLoop = void (*)(const float* a, const float* b, float* y, std::int64_t count, float p);

/// To the nearest number of 8 significant bits, as bf16 has, and of two to the even one; what is no number stays none.
void round_to_bf16(const float* x, float* y, std::int64_t count);

/// nullptr: not one of ours (oneDNN has exp, log, sigmoid and tanh).
UnaryLoop find_unary_loop(const std::string& op);

/// Two operands of one shape; among them the gradients of activations from dy and y.
BinaryLoop find_binary_loop(const std::string& op);
/// The same where a or b is one number for the whole range; nullptr for gradients, which don't broadcast.
BinaryLoop find_binary_loop_with_one_a(const std::string& op);
BinaryLoop find_binary_loop_with_one_b(const std::string& op);

}  // namespace generalizer::onednn
