#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "generalizer/error.h"
#include "generalizer/shape.h"

namespace generalizer {

struct OpDefinition;

using ValueId = std::int32_t;
using NodeId = std::int32_t;
constexpr ValueId no_value = -1;
constexpr NodeId no_node = -1;

using AttributeValue = std::variant<std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>>;

/// The constants of one op: strides, axes, slopes, small tables. Getters throw `Error` for a missing name or another type.
class GENERALIZER_EXPORT Attributes {
 public:
  Attributes() = default;
  Attributes(std::initializer_list<std::pair<const std::string, AttributeValue>> values) : values_(values) {}

  bool has(const std::string& name) const { return values_.contains(name); }
  std::int64_t integer(const std::string& name) const;
  double number(const std::string& name) const;
  const std::string& string(const std::string& name) const;
  const std::vector<std::int64_t>& integers(const std::string& name) const;
  const std::vector<double>& numbers(const std::string& name) const;
  void set(const std::string& name, AttributeValue value) { values_[name] = std::move(value); }
  const std::map<std::string, AttributeValue>& values() const { return values_; }
  bool operator==(const Attributes&) const = default;

 private:
  std::map<std::string, AttributeValue> values_;
};

enum class ValueKind : std::uint8_t {
  input,  ///< given by the host before every run, plain row-major
  variable,  ///< lives in the session between runs and between programs: weights, moments, statistics, counters, sums
  result,  ///< made by a node
};

struct Value {
  std::string name;  ///< unique for inputs and variables; a hint for results
  TensorType type;
  ValueKind kind = ValueKind::result;
  NodeId producer = no_node;
  std::size_t output_index = 0;  ///< which of the producer's outputs
};

struct Node {
  const OpDefinition* op = nullptr;
  Attributes attributes;
  std::vector<ValueId> inputs;
  std::vector<ValueId> outputs;
  std::string scope;  ///< "classifier/conv1": where messages say it comes from
};

/// At the end of a run the variable takes the value. Every node sees the variable as it was when the run began.
struct Assignment {
  ValueId variable = no_value;
  ValueId value = no_value;
};

/// How products inside matmuls and convolutions are computed. Sums, and all other ops, are in the program's own type, and so are weights, moments and
/// every value that a program hands on.
enum class Arithmetic : std::uint8_t {
  exact,  ///< in the program's type
  tf32,   ///< operands in f32 rounded to 10 bits of mantissa, as tensor cores of NVIDIA's Ampere and later do
  bf16,   ///< operands in f32 rounded to bfloat16: 7 bits of mantissa, f32's range
};
/// "exact", "tf32", "bf16"
GENERALIZER_EXPORT const char* name_of(Arithmetic arithmetic);

struct Output {
  std::string name;
  ValueId value = no_value;
};

/// A straight line of typed ops in single-assignment form: what one step computes. Nodes stand in an order in which they can run.
///
/// A program is data: it knows no backend. Layers and losses build it through `Tensor` and the functions of `ops.h`; autodiff appends to it;
/// passes rewrite it; a backend compiles it.
class GENERALIZER_EXPORT Program {
 public:
  explicit Program(std::string name = {}) : name_(std::move(name)) {}

  const std::string& name() const { return name_; }

  /// Throws `Error` when the name is taken.
  ValueId add_input(const std::string& name, TensorType type);
  /// The same name gives the same value; throws `Error` when it was declared with another type.
  ValueId add_variable(const std::string& name, TensorType type);
  /// Appends a node; its output types come from the op's shape rule. Throws `Error` with the op, its scope and the types when the rule refuses.
  NodeId add_node(const OpDefinition& op, std::vector<ValueId> inputs, Attributes attributes = {});
  /// At most one assignment per variable; types must be equal.
  void assign(ValueId variable, ValueId value);
  void add_output(const std::string& name, ValueId value);

  /// Exact, until it is set.
  void set_arithmetic(Arithmetic arithmetic) { arithmetic_ = arithmetic; }
  Arithmetic arithmetic() const { return arithmetic_; }

  /// The scope that later nodes get.
  void set_scope(std::string scope) { scope_ = std::move(scope); }
  const std::string& scope() const { return scope_; }

  const std::vector<Value>& values() const { return values_; }
  const Value& value(ValueId id) const { return values_[static_cast<std::size_t>(id)]; }
  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  const std::vector<ValueId>& inputs() const { return inputs_; }
  const std::vector<ValueId>& variables() const { return variables_; }
  const std::vector<Assignment>& assignments() const { return assignments_; }
  const std::vector<Output>& outputs() const { return outputs_; }
  std::optional<ValueId> find_variable(const std::string& name) const;
  std::optional<std::size_t> find_input(const std::string& name) const;   ///< index among `inputs()`
  std::optional<std::size_t> find_output(const std::string& name) const;  ///< index among `outputs()`

  void rename(ValueId id, std::string name) { values_[static_cast<std::size_t>(id)].name = std::move(name); }

  /// Throws `Error` naming the first thing that is wrong: an operand used before it is made, a type that the shape rule does not give,
  /// an assignment to something that is no variable, a name used twice.
  void verify() const;

  /// One line per value and node, stable, for people and tests.
  std::string to_string() const;

 private:
  std::string name_;
  std::string scope_;
  Arithmetic arithmetic_ = Arithmetic::exact;
  std::vector<Value> values_;
  std::vector<Node> nodes_;
  std::vector<ValueId> inputs_;
  std::vector<ValueId> variables_;
  std::vector<Assignment> assignments_;
  std::vector<Output> outputs_;
};

/// A value of a program under construction; what layer authors hold. Cheap to copy; valid as long as its program.
class GENERALIZER_EXPORT Tensor {
 public:
  Tensor() = default;
  Tensor(Program& program, ValueId id) : program_(&program), id_(id) {}

  bool defined() const { return program_ != nullptr; }
  Program& program() const { return *program_; }
  ValueId id() const { return id_; }
  /// A copy, as the program's own moves when the next op is appended.
  TensorType type() const { return program_->value(id_).type; }
  Shape shape() const { return program_->value(id_).type.shape; }
  DType dtype() const { return program_->value(id_).type.dtype; }
  std::size_t rank() const { return program_->value(id_).type.shape.rank(); }
  std::int64_t dim(std::size_t axis) const { return program_->value(id_).type.shape[axis]; }

 private:
  Program* program_ = nullptr;
  ValueId id_ = no_value;
};

}  // namespace generalizer
