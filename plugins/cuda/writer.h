#pragma once

#include <map>
#include <string>

#include "generalizer/op.h"
#include "kernel.h"

namespace generalizer::cuda {

/// "float", "double", "int", "long long", "unsigned char"
const char* device_type(DType type);
/// A literal of double precision that reads back as the same number; "1.0 / 0.0" and its like where there is none.
std::string literal(double number);
std::string literal(std::int64_t number);

/// `Σ ((i / stride) % extent)·own`: where element `i` of a row-major shape lies in an operand that is read with these strides, one an axis; extents of 1 and
/// strides of 0 leave no trace.
std::string position(const std::string& i, const Shape& shape, const std::vector<std::int64_t>& strides);
/// The strides of an operand that is broadcast to a shape (NumPy's rule).
std::vector<std::int64_t> broadcast_strides(const Shape& operand, const Shape& result);

/// Writes one kernel. In its body operands are called a0, a1, …, results r0, r1, …, all of them pointers; `T` is the type of the first result that is
/// floating, or else of the first result; the item is `i` (of a thread) or `g` (of a block, whose threads are told by threadIdx.x).
class Writer {
 public:
  Writer(const Program& program, const Node& node) : program_(program), node_(node) {}

  const TensorType& operand(std::size_t index) const { return program_.value(node_.inputs[index]).type; }
  const TensorType& result(std::size_t index = 0) const { return program_.value(node_.outputs[index]).type; }
  std::size_t operands() const { return node_.inputs.size(); }
  const Attributes& attributes() const { return node_.attributes; }
  std::string number(const char* attribute) const { return literal(attributes().number(attribute)); }
  std::int64_t integer(const char* attribute) const { return attributes().integer(attribute); }

  /// A thread for each of `items`.
  Kernel threads(std::int64_t items, const std::string& body) const;
  /// A block for each of `items`; `shared` is a double[kBlockThreads] of its own.
  Kernel blocks(std::int64_t items, const std::string& body) const;

 private:
  Kernel whole(std::int64_t items, Layout layout, const std::string& loop, const std::string& body) const;

  const Program& program_;
  const Node& node_;
};

using Emit = Kernel (*)(const Writer&);
/// The families of kernels, by op.
const std::map<std::string, Emit>& elementwise_kernels();
const std::map<std::string, Emit>& movement_kernels();
const std::map<std::string, Emit>& window_kernels();
const std::map<std::string, Emit>& reduction_kernels();
const std::map<std::string, Emit>& update_kernels();

}  // namespace generalizer::cuda
