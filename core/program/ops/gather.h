#pragma once

#include "program/ops/movement.h"

/// What the ops share that read rows by their indices, i32[…].
namespace generalizer::ops {

inline void require_indices(const TensorType& indices) {
  if (indices.dtype == DType::i32) return;
  throw Error("the indices are " + to_string(indices) + " and must be i32");
}

/// […] → […×extent]
inline Shape with_last_axis(const Shape& shape, std::int64_t extent) {
  std::vector<std::int64_t> extents(shape.begin(), shape.end());
  extents.push_back(extent);
  return Shape(std::move(extents));
}

}  // namespace generalizer::ops
