#include "generalizer/shape.h"

namespace generalizer {

std::size_t size_of(DType dtype) {
  switch (dtype) {
    case DType::f64:
    case DType::i64:
      return 8;
    case DType::f32:
    case DType::i32:
      return 4;
    case DType::u8:
      return 1;
  }
  return 0;
}

const char* name_of(DType dtype) {
  switch (dtype) {
    case DType::f32:
      return "f32";
    case DType::f64:
      return "f64";
    case DType::i32:
      return "i32";
    case DType::i64:
      return "i64";
    case DType::u8:
      return "u8";
  }
  return "?";
}

bool is_floating(DType dtype) { return dtype == DType::f32 || dtype == DType::f64; }

std::int64_t Shape::elements() const {
  std::int64_t product = 1;
  for (const std::int64_t extent : extents_) product *= extent;
  return product;
}

std::vector<std::int64_t> Shape::strides() const {
  std::vector<std::int64_t> result(rank());
  std::int64_t stride = 1;
  for (std::size_t axis = rank(); axis-- > 0;) {
    result[axis] = stride;
    stride *= extents_[axis];
  }
  return result;
}

std::string Shape::to_string() const {
  if (extents_.empty()) return "scalar";
  std::string text;
  for (const std::int64_t extent : extents_) {
    if (!text.empty()) text += "×";
    text += std::to_string(extent);
  }
  return text;
}

std::string to_string(const TensorType& type) {
  return std::string(name_of(type.dtype)) + "[" + type.shape.to_string() + "]";
}

}  // namespace generalizer
