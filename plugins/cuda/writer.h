#pragma once

#include <map>
#include <string>

#include "generalizer/op.h"
#include "work.h"

namespace generalizer::cuda {

/// "float", "double", "int", "long long", "unsigned char"
const char* device_type(DType type);
/// A literal of double precision that reads back as the same number; "1.0 / 0.0" and its like where there is none.
std::string literal(double number);
std::string literal(std::int64_t number);  ///< of 32 bits where it fits, so that indices stay short where all do

/// `Σ ((i / stride) % extent)·own`: where element `i` of a row-major shape lies in an operand that is read with these strides, one an axis; extents of 1 and
/// strides of 0 leave no trace.
std::string position(const std::string& i, const Shape& shape, const std::vector<std::int64_t>& strides);
/// The strides of an operand that is broadcast to a shape (NumPy's rule).
std::vector<std::int64_t> broadcast_strides(const Shape& operand, const Shape& result);

/// Turns one node into works.
class Writer {
 public:
  Writer(Works& works, const Node& node) : works_(works), node_(node) {}

  const TensorType& operand(std::size_t index) const { return works_.program().value(node_.inputs[index]).type; }
  const TensorType& result(std::size_t index = 0) const { return works_.program().value(node_.outputs[index]).type; }
  std::size_t operands() const { return node_.inputs.size(); }
  const Attributes& attributes() const { return node_.attributes; }
  std::string number(const char* attribute) const { return literal(attributes().number(attribute)); }
  std::int64_t integer(const char* attribute) const { return attributes().integer(attribute); }

  /// A work of the node's operands and results, for its emitter to fill in and add.
  Work work(Form form) const;
  Works& works() const { return works_; }
  /// `body` for each element of the results.
  void threads(std::int64_t items, const std::string& body) const;
  /// `body` for each of `items`, by a block's threads together; `shared` is a double[kBlockThreads] of its own.
  void blocks(std::int64_t items, const std::string& body) const;
  /// A number of `partial` sums: `expression` of `whole`, all of them together.
  void finish(ValueId partial, ValueId result, const std::string& expression) const;

 private:
  Works& works_;
  const Node& node_;
};

using Emit = void (*)(const Writer&);
/// The families of works, by op.
const std::map<std::string, Emit>& elementwise_kernels();
const std::map<std::string, Emit>& movement_kernels();
const std::map<std::string, Emit>& window_kernels();
const std::map<std::string, Emit>& reduction_kernels();
const std::map<std::string, Emit>& update_kernels();

}  // namespace generalizer::cuda
