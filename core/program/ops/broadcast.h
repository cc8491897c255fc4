#pragma once

#include <array>
#include <vector>

#include "generalizer/ops.h"

/// NumPy's broadcasting: shapes are aligned at the last axis, and an extent of 1 stretches.
namespace generalizer::ops {

/// The common shape of two operands. Throws `Error` naming the first axis (of the longer shape) whose extents
/// differ and are not 1.
Shape broadcast_shape(const Shape& a, const Shape& b);

/// Strides by which `from` is read along the axes of `to`: 0 where it stretches. `from` must broadcast to `to`.
std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to);

/// Adds a gradient of a broadcast value up over the axes that were stretched: dy F[to] → F[from]. Appends
/// nothing where the shapes are equal.
Tensor sum_to_shape(const Tensor& dy, const Shape& from);

/// Walks all positions of `shape` in row-major order: f(index of the position, offset of each of N operands),
/// where operand k moves by strides[k][axis].
template <std::size_t N, class F>
void for_each_position(const Shape& shape, const std::array<std::vector<std::int64_t>, N>& strides, F&& f) {
  const std::size_t rank = shape.rank();
  std::array<std::int64_t, N> offsets{};
  std::vector<std::int64_t> position(rank, 0);
  for (std::int64_t index = 0, n = shape.elements(); index < n; ++index) {
    f(index, offsets);
    for (std::size_t axis = rank; axis-- > 0;) {
      for (std::size_t k = 0; k < N; ++k) offsets[k] += strides[k][axis];
      if (++position[axis] < shape[axis]) break;
      for (std::size_t k = 0; k < N; ++k) offsets[k] -= strides[k][axis] * shape[axis];
      position[axis] = 0;
    }
  }
}

}  // namespace generalizer::ops
