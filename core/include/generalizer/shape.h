#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <vector>

#include "generalizer/export.h"

namespace generalizer {

/// Element types a value can have. Images and weights are `f32` (or `f64` on the reference backend), labels `i32`, step counters `i64`.
enum class DType : std::uint8_t { f32, f64, i32, i64, u8 };

GENERALIZER_EXPORT std::size_t size_of(DType dtype);  ///< bytes of one element
GENERALIZER_EXPORT const char* name_of(DType dtype);  ///< "f32", …
GENERALIZER_EXPORT bool is_floating(DType dtype);     ///< f32 or f64

/// Extents of a tensor, outermost first; images are NCHW. An empty shape is a scalar. Every extent is static and at least 1.
class GENERALIZER_EXPORT Shape {
 public:
  Shape() = default;
  Shape(std::initializer_list<std::int64_t> extents) : extents_(extents) {}
  explicit Shape(std::vector<std::int64_t> extents) : extents_(std::move(extents)) {}

  std::size_t rank() const { return extents_.size(); }
  std::int64_t operator[](std::size_t axis) const { return extents_[axis]; }
  std::int64_t& operator[](std::size_t axis) { return extents_[axis]; }
  std::int64_t elements() const;  ///< product of the extents; 1 for a scalar
  std::span<const std::int64_t> extents() const { return extents_; }
  auto begin() const { return extents_.begin(); }
  auto end() const { return extents_.end(); }
  bool operator==(const Shape&) const = default;

  /// Row-major strides in elements.
  std::vector<std::int64_t> strides() const;
  /// "32×1×28×28"; "scalar" for rank 0.
  std::string to_string() const;

 private:
  std::vector<std::int64_t> extents_;
};

/// What is known of a value before it runs.
struct TensorType {
  DType dtype = DType::f32;
  Shape shape;

  std::int64_t bytes() const { return shape.elements() * static_cast<std::int64_t>(size_of(dtype)); }
  bool operator==(const TensorType&) const = default;
};

/// "f32[32×1×28×28]"
GENERALIZER_EXPORT std::string to_string(const TensorType& type);

}  // namespace generalizer
