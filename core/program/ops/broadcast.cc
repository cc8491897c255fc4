#include "program/ops/broadcast.h"

#include <algorithm>

namespace generalizer::ops {

Shape broadcast_shape(const Shape& a, const Shape& b) {
  const std::size_t rank = std::max(a.rank(), b.rank());
  Shape result(std::vector<std::int64_t>(rank, 1));
  const auto extent = [rank](const Shape& shape, std::size_t axis) {
    const std::size_t missing = rank - shape.rank();
    return axis < missing ? 1 : shape[axis - missing];
  };
  for (std::size_t axis = 0; axis < rank; ++axis) {
    const std::int64_t left = extent(a, axis);
    const std::int64_t right = extent(b, axis);
    if (left != right && left != 1 && right != 1) {
      throw Error("operands " + a.to_string() + " and " + b.to_string() + " do not broadcast: axis " +
                  std::to_string(axis) + " has " + std::to_string(left) + " and " + std::to_string(right) +
                  ", which must be equal, or one of them 1");
    }
    result[axis] = std::max(left, right);
  }
  return result;
}

std::vector<std::int64_t> broadcast_strides(const Shape& from, const Shape& to) {
  const std::vector<std::int64_t> own = from.strides();
  const std::size_t missing = to.rank() - from.rank();
  std::vector<std::int64_t> strides(to.rank(), 0);
  for (std::size_t axis = 0; axis < from.rank(); ++axis) {
    if (from[axis] != 1) strides[axis + missing] = own[axis];
  }
  return strides;
}

Tensor sum_to_shape(const Tensor& dy, const Shape& from) {
  const Shape to = dy.shape();
  if (to == from) return dy;
  const std::size_t missing = to.rank() - from.rank();
  std::vector<std::int64_t> stretched;
  for (std::size_t axis = 0; axis < to.rank(); ++axis) {
    if (to[axis] != 1 && (axis < missing || from[axis - missing] == 1)) {
      stretched.push_back(static_cast<std::int64_t>(axis));
    }
  }
  const Tensor sum = stretched.empty() ? dy : generalizer::reduce_sum(dy, stretched, true);
  return sum.shape() == from ? sum : generalizer::reshape(sum, from);
}

}  // namespace generalizer::ops
