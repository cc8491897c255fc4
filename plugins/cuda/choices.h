#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "epilogue.h"

namespace generalizer::cuda {

/// What a library is asked for, chosen from a program alone: what the calls set in their descriptors, and what can be tested without a device. Only the
/// algorithm is chosen there, from the library's own forecast for the device. It is not chosen by timing, as that would choose now one and now another, with other sums.

/// How operands are multiplied; sums and results are f64 for the first and f32 for the others.
enum class Multiply : std::uint8_t {
  f64,
  f32,   ///< true f32: no tensor cores
  tf32,  ///< f32 in memory, rounded to tf32 by tensor cores
  bf16,  ///< bf16 in memory
};

/// result [rows × columns] = left [rows × depth] · right [depth × columns], row-major, `batch` of them side by side.
struct MatmulChoice {
  Multiply multiply = Multiply::f32;
  std::int64_t rows = 0, columns = 0, depth = 0, batch = 1;
  bool left_transposed = false, right_transposed = false;  ///< as they lie
  Epilogue epilogue = Epilogue::none;
  std::optional<std::size_t> bias = {};           ///< which of the step's operands it is
  std::optional<std::size_t> bias_gradient = {};  ///< which of its results
  bool operator==(const MatmulChoice&) const = default;
};
MatmulChoice matmul_choice(const Program& program, const LibraryStep& step);

enum class Direction : std::uint8_t { forward, backward_data, backward_weights };

struct ConvolutionChoice {
  Direction direction = Direction::forward;
  Multiply multiply = Multiply::f32;  ///< never bf16: such operands are rounded and lie in f32, and tf32 multiplies them exactly
  bool channels_last = false;
  std::array<std::int64_t, 4> x{}, weights{}, y{};  ///< N, C, H, W and O, I, KH, KW, however they lie
  std::array<std::int64_t, 2> padding{}, strides{}, dilations{};
  std::int64_t groups = 1;
  Epilogue epilogue = Epilogue::none;  ///< or bias_relu
  std::optional<std::size_t> bias = {};     ///< which of the step's operands it is
  bool operator==(const ConvolutionChoice&) const = default;
};
ConvolutionChoice convolution_choice(const Program& program, const LibraryStep& step);

}  // namespace generalizer::cuda
