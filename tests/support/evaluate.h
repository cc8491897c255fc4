#pragma once

#include <cstddef>
#include <cstring>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "generalizer/op.h"

/// Programs run by the ops' reference kernels alone, without any backend: what the tests of ops, of autodiff and
/// of passes compare with.
namespace generalizer::test {

/// A row-major tensor that owns its bytes.
class Array {
 public:
  Array() = default;
  /// Zeros.
  explicit Array(TensorType type)
      : type_(std::move(type)), bytes_(static_cast<std::size_t>(type_.bytes()), std::byte{0}) {}
  /// One number an element, converted to the type.
  Array(TensorType type, const std::vector<double>& numbers) : Array(std::move(type)) {
    if (numbers.size() != size()) {
      throw Error("an array " + to_string(type_) + " was given " + std::to_string(numbers.size()) +
                  " numbers");
    }
    for (std::size_t i = 0; i < numbers.size(); ++i) set(i, numbers[i]);
  }

  const TensorType& type() const { return type_; }
  const Shape& shape() const { return type_.shape; }
  std::size_t size() const { return static_cast<std::size_t>(type_.shape.elements()); }
  const std::vector<std::byte>& bytes() const { return bytes_; }
  HostTensor host() { return {bytes_.data(), type_}; }

  double get(std::size_t i) const {
    double number = 0.0;
    dispatch_element(type_.dtype, [&]<class T>(T element) {
      std::memcpy(&element, bytes_.data() + i * sizeof(T), sizeof(T));
      number = static_cast<double>(element);
    });
    return number;
  }
  void set(std::size_t i, double number) {
    dispatch_element(type_.dtype, [&]<class T>(T element) {
      element = static_cast<T>(number);
      std::memcpy(bytes_.data() + i * sizeof(T), &element, sizeof(T));
    });
  }
  std::vector<double> numbers() const {
    std::vector<double> result(size());
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = get(i);
    return result;
  }
  /// The same numbers as another type.
  Array as(DType dtype) const { return Array({dtype, type_.shape}, numbers()); }

  /// Fills every byte with a pattern that no kernel writes: NaN in f64, an odd negative number in the other types.
  void spoil() { std::memset(bytes_.data(), 0xFF - 0x02, bytes_.size()); }

  /// To the bit: NaNs of one pattern are equal, and 0 and −0 are not.
  bool operator==(const Array&) const = default;

 private:
  TensorType type_;
  std::vector<std::byte> bytes_;
};

inline Array f64(Shape shape, const std::vector<double>& numbers) {
  return {{DType::f64, std::move(shape)}, numbers};
}
inline Array f32(Shape shape, const std::vector<double>& numbers) {
  return {{DType::f32, std::move(shape)}, numbers};
}
inline Array i32(Shape shape, const std::vector<double>& numbers) {
  return {{DType::i32, std::move(shape)}, numbers};
}
inline Array i64(Shape shape, const std::vector<double>& numbers) {
  return {{DType::i64, std::move(shape)}, numbers};
}
inline Array u8(Shape shape, const std::vector<double>& numbers) {
  return {{DType::u8, std::move(shape)}, numbers};
}

using Arrays = std::map<std::string, Array>;

/// Runs the program once and returns its outputs by name. `given` holds its inputs and variables by name; the
/// assigned variables have their new values afterwards. Throws `Error` where one is missing or of another type.
inline Arrays evaluate(const Program& program, Arrays& given) {
  std::vector<Array> values(program.values().size());
  for (const std::vector<ValueId>* ids : {&program.inputs(), &program.variables()}) {
    for (const ValueId id : *ids) {
      const Value& value = program.value(id);
      const auto found = given.find(value.name);
      if (found == given.end()) throw Error("\"" + value.name + "\" is not given");
      if (found->second.type() != value.type) {
        throw Error("\"" + value.name + "\" is given as " + to_string(found->second.type()) +
                    " and declared as " + to_string(value.type));
      }
      values[static_cast<std::size_t>(id)] = found->second;
    }
  }
  for (const Node& node : program.nodes()) {
    std::vector<HostTensor> inputs, outputs;
    for (const ValueId id : node.inputs) inputs.push_back(values[static_cast<std::size_t>(id)].host());
    for (const ValueId id : node.outputs) {
      Array& output = values[static_cast<std::size_t>(id)] = Array(program.value(id).type);
      output.spoil();  // so that a kernel which leaves an element unwritten shows
      outputs.push_back(output.host());
    }
    if (!node.op->reference) throw Error(node.op->name + " has no reference kernel");
    node.op->reference({inputs, outputs, node.attributes});
  }
  for (const Assignment& assignment : program.assignments()) {
    given[program.value(assignment.variable).name] = values[static_cast<std::size_t>(assignment.value)];
  }
  Arrays outputs;
  for (const Output& output : program.outputs())
    outputs[output.name] = values[static_cast<std::size_t>(output.value)];
  return outputs;
}

inline Arrays evaluate(const Program& program, Arrays&& given) { return evaluate(program, given); }

/// Appends ops to the operands' program and returns the results.
using Build = std::function<std::vector<Tensor>(const std::vector<Tensor>& operands)>;

/// Inputs "x0", "x1", … for the operands.
inline std::vector<Tensor> add_operands(Program& program, const std::vector<Array>& operands) {
  std::vector<Tensor> tensors;
  for (const Array& operand : operands) {
    tensors.emplace_back(program, program.add_input("x" + std::to_string(tensors.size()), operand.type()));
  }
  return tensors;
}

inline Arrays bind_operands(const std::vector<Array>& operands) {
  Arrays given;
  for (std::size_t i = 0; i < operands.size(); ++i) given["x" + std::to_string(i)] = operands[i];
  return given;
}

/// All results of what `build` appends, run on these operands:
/// `compute({a, b}, [](auto& x) { return std::vector{x[0] + x[1]}; })`.
inline std::vector<Array> compute(const std::vector<Array>& operands, const Build& build) {
  Program program("test");
  const std::vector<Tensor> results = build(add_operands(program, operands));
  for (std::size_t i = 0; i < results.size(); ++i) program.add_output(std::to_string(i), results[i].id());
  program.verify();
  Arrays outputs = evaluate(program, bind_operands(operands));
  std::vector<Array> arrays;
  for (std::size_t i = 0; i < results.size(); ++i) arrays.push_back(outputs.at(std::to_string(i)));
  return arrays;
}

/// The message with which `build` is refused on operands of these types; empty when it is not.
inline std::string refusal(const std::vector<TensorType>& types, const Build& build) {
  Program program("test");
  std::vector<Tensor> operands;
  for (const TensorType& type : types) {
    operands.emplace_back(program, program.add_input("x" + std::to_string(operands.size()), type));
  }
  try {
    build(operands);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

}  // namespace generalizer::test
