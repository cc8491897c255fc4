#pragma once

#include <algorithm>
#include <cstring>

#include "program/ops/operand_checks.h"

/// What the ops share that move elements of any type and compute nothing.
namespace generalizer::ops {

inline double no_flops(const OpSignature&) { return 0.0; }

/// The attribute "dtype", by name.
inline DType dtype_attribute(const Attributes& attributes) {
  const std::string& name = attributes.string("dtype");
  for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8}) {
    if (name == name_of(dtype)) return dtype;
  }
  throw Error("the dtype is \"" + name + "\" and must be f32, f64, i32, i64 or u8");
}

/// The attribute "shape", all extents at least 1.
inline Shape shape_attribute(const Attributes& attributes) {
  const Shape shape(attributes.integers("shape"));
  if (!std::all_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent >= 1; })) {
    throw Error("the shape is " + shape.to_string() + " and all its extents must be at least 1");
  }
  return shape;
}

inline AttributeValue attribute_of(const Shape& shape) {
  return std::vector<std::int64_t>(shape.begin(), shape.end());
}

/// Throws unless x has that axis.
inline std::size_t require_axis(std::int64_t axis, const Shape& x) {
  if (axis < 0 || axis >= static_cast<std::int64_t>(x.rank())) {
    throw Error("axis " + std::to_string(axis) + " is not one of the " + std::to_string(x.rank()) +
                " axes of " + x.to_string() + ", which count from 0");
  }
  return static_cast<std::size_t>(axis);
}

/// The kernel of a view: the same bytes again.
inline void copy_whole(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  std::memcpy(context.outputs[0].data, x.data, static_cast<std::size_t>(x.type.bytes()));
}

/// A tensor seen from one of its axes: outer × extent × inner elements, row-major.
struct AxisSizes {
  std::int64_t outer = 1;
  std::int64_t extent = 1;
  std::int64_t inner = 1;
};

inline AxisSizes axis_sizes(const Shape& shape, std::size_t axis) {
  AxisSizes sizes;
  for (std::size_t i = 0; i < axis; ++i) sizes.outer *= shape[i];
  sizes.extent = shape[axis];
  for (std::size_t i = axis + 1; i < shape.rank(); ++i) sizes.inner *= shape[i];
  return sizes;
}

/// Copies `count` planes along an axis, from plane `from_begin` of one tensor to plane `to_begin` of another that
/// has the same extents but there.
inline void copy_planes(const HostTensor& from, std::int64_t from_begin, const HostTensor& to,
                        std::int64_t to_begin, std::int64_t count, std::size_t axis) {
  const AxisSizes source = axis_sizes(from.type.shape, axis);
  const AxisSizes target = axis_sizes(to.type.shape, axis);
  const auto plane = static_cast<std::size_t>(source.inner) * size_of(from.type.dtype);
  for (std::int64_t outer = 0; outer < source.outer; ++outer) {
    std::memcpy(
        to.as<std::byte>() + static_cast<std::size_t>(outer * target.extent + to_begin) * plane,
        from.as<const std::byte>() + static_cast<std::size_t>(outer * source.extent + from_begin) * plane,
        static_cast<std::size_t>(count) * plane);
  }
}

}  // namespace generalizer::ops
