#include "program/ops/operand_checks.h"

#include <algorithm>

namespace generalizer::ops {
namespace {

std::string described(const std::string& what, const char* name) {
  return std::string("the ") + name + " is " + what;
}

}  // namespace

DType common_floating_type(const OpSignature& signature, std::initializer_list<const char*> names) {
  const DType first = signature.inputs[0].dtype;
  std::size_t index = 0;
  for (const char* name : names) {
    const TensorType& type = signature.inputs[index++];
    if (!is_floating(type.dtype))
      throw Error(described(to_string(type), name) + " and must be of type f32 or f64");
    if (type.dtype != first) {
      throw Error(described(to_string(type), name) + " and must have the type of the " + *names.begin() +
                  ", " + name_of(first));
    }
  }
  return first;
}

void require_rank(const Shape& shape, const char* name, std::size_t rank, const char* layout) {
  if (shape.rank() == rank) return;
  throw Error(described(shape.to_string(), name) + " with " + std::to_string(shape.rank()) +
              " axes and must have " + std::to_string(rank) + ": " + layout);
}

void require_rank_at_least(const Shape& shape, const char* name, std::size_t rank, const char* layout) {
  if (shape.rank() >= rank) return;
  throw Error(described(shape.to_string(), name) + " with " + std::to_string(shape.rank()) +
              " axes and must have at least " + std::to_string(rank) + ": " + layout);
}

void require_shape(const Shape& shape, const char* name, const Shape& expected, const std::string& why) {
  if (shape == expected) return;
  throw Error(described(shape.to_string(), name) + " and must be " + expected.to_string() + ", " + why);
}

std::span<const std::int64_t> integer_list(const Attributes& attributes, const char* name, std::size_t count,
                                           std::int64_t minimum) {
  const std::vector<std::int64_t>& list = attributes.integers(name);
  const bool in_range = std::all_of(list.begin(), list.end(), [&](std::int64_t n) { return n >= minimum; });
  if (list.size() != count || !in_range) {
    throw Error("\"" + std::string(name) + "\" is [" + join(list) + "] and must be " + std::to_string(count) +
                " integers of at least " + std::to_string(minimum));
  }
  return list;
}

std::string join(std::span<const std::int64_t> numbers, const char* separator) {
  std::string text;
  for (const std::int64_t n : numbers) text += (text.empty() ? "" : separator) + std::to_string(n);
  return text;
}

}  // namespace generalizer::ops
