#pragma once

#include <random>

#include "generalizer/op.h"

/// Ops on whole numbers for tests of placement: results are exact, and a kernel that reads an operand after its
/// memory was given away shows.
namespace generalizer::test {

inline std::vector<TensorType> like_first(const OpSignature& signature) { return {signature.inputs.front()}; }

inline OpDefinition integer_op(std::string name, std::vector<std::string> inputs, ReferenceKernel kernel) {
  OpDefinition op;
  op.name = std::move(name);
  op.input_names = std::move(inputs);
  op.output_names = {"y"};
  op.infer = like_first;
  op.reference = std::move(kernel);
  return op;
}

/// 3·a + b in two passes: a may be overwritten, b may not.
inline const OpDefinition& mix() {
  static const OpDefinition op = [] {
    OpDefinition d = integer_op("mix", {"a", "b"}, [](const KernelContext& c) {
      auto* y = c.outputs[0].as<std::int64_t>();
      const auto n = c.outputs[0].type.shape.elements();
      for (std::int64_t i = 0; i < n; ++i) y[i] = 3 * c.inputs[0].as<std::int64_t>()[i];
      for (std::int64_t i = 0; i < n; ++i) y[i] += c.inputs[1].as<std::int64_t>()[i];
    });
    d.in_place = {{0, 0}};
    return d;
  }();
  return op;
}

/// a − 2·b, element by element: either may be overwritten.
inline const OpDefinition& difference() {
  static const OpDefinition op = [] {
    OpDefinition d = integer_op("difference", {"a", "b"}, [](const KernelContext& c) {
      auto* y = c.outputs[0].as<std::int64_t>();
      for (std::int64_t i = 0; i < c.outputs[0].type.shape.elements(); ++i) {
        y[i] = c.inputs[0].as<std::int64_t>()[i] - 2 * c.inputs[1].as<std::int64_t>()[i];
      }
    });
    d.in_place = {{0, 0}, {0, 1}};
    return d;
  }();
  return op;
}

/// The elements in reverse: nothing may be overwritten.
inline const OpDefinition& reverse() {
  static const OpDefinition op = integer_op("reverse", {"a"}, [](const KernelContext& c) {
    const auto n = c.outputs[0].type.shape.elements();
    for (std::int64_t i = 0; i < n; ++i)
      c.outputs[0].as<std::int64_t>()[i] = c.inputs[0].as<std::int64_t>()[n - 1 - i];
  });
  return op;
}

inline void copy_elements(const KernelContext& c) {
  for (std::int64_t i = 0; i < c.outputs[0].type.shape.elements(); ++i) {
    c.outputs[0].as<std::int64_t>()[i] = c.inputs[0].as<std::int64_t>()[i];
  }
}

/// The same under another name.
inline const OpDefinition& alias() {
  static const OpDefinition op = [] {
    OpDefinition d = integer_op("alias", {"a"}, copy_elements);
    d.view = true;
    return d;
  }();
  return op;
}

/// 4 ↔ 2×2
inline const OpDefinition& refold() {
  static const OpDefinition op = [] {
    OpDefinition d = integer_op("refold", {"a"}, copy_elements);
    d.infer = [](const OpSignature& s) {
      const Shape shape = s.inputs.front().shape.rank() == 1 ? Shape{2, 2} : Shape{4};
      return std::vector<TensorType>{{DType::i64, shape}};
    };
    d.view = true;
    return d;
  }();
  return op;
}

/// An optimiser's update: w, g, m → w + g·m', m' = 2·m + g; w' may be made in w and m' in m.
inline const OpDefinition& update() {
  static const OpDefinition op = [] {
    OpDefinition d = integer_op("update", {"w", "g", "m"}, [](const KernelContext& c) {
      for (std::int64_t i = 0; i < c.outputs[0].type.shape.elements(); ++i) {
        const std::int64_t g = c.inputs[1].as<std::int64_t>()[i];
        const std::int64_t m = 2 * c.inputs[2].as<std::int64_t>()[i] + g;
        const std::int64_t w = c.inputs[0].as<std::int64_t>()[i];
        c.outputs[1].as<std::int64_t>()[i] = m;
        c.outputs[0].as<std::int64_t>()[i] = w + g * m % 97;
      }
    });
    d.output_names = {"w", "m"};
    d.infer = [](const OpSignature& s) { return std::vector<TensorType>{s.inputs[0], s.inputs[2]}; };
    d.in_place = {{0, 0}, {1, 2}};
    return d;
  }();
  return op;
}

/// a → a + 1, a − 1; either may be made in a, but not both.
inline const OpDefinition& neighbours() {
  static const OpDefinition op = [] {
    OpDefinition d = integer_op("neighbours", {"a"}, [](const KernelContext& c) {
      for (std::int64_t i = 0; i < c.outputs[0].type.shape.elements(); ++i) {
        const std::int64_t a = c.inputs[0].as<std::int64_t>()[i];
        c.outputs[0].as<std::int64_t>()[i] = a + 1;
        c.outputs[1].as<std::int64_t>()[i] = a - 1;
      }
    });
    d.output_names = {"above", "below"};
    d.infer = [](const OpSignature& s) { return std::vector<TensorType>{s.inputs[0], s.inputs[0]}; };
    d.in_place = {{0, 0}, {1, 0}};
    return d;
  }();
  return op;
}

inline const TensorType& four() {
  static const TensorType type{DType::i64, {4}};
  return type;
}

/// A program over i64[4] and i64[2×2] in which every kind of placement occurs, and everything that forbids one.
inline Program random_program(std::uint32_t seed) {
  std::mt19937 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  Program program("random " + std::to_string(seed));
  std::vector<ValueId> known;
  for (int i = 0; i < 2; ++i) known.push_back(program.add_input("x" + std::to_string(i), four()));
  for (int i = 0; i < 5; ++i) known.push_back(program.add_variable("v" + std::to_string(i), four()));

  const std::vector<const OpDefinition*> ops{&mix(),   &difference(), &reverse(),
                                             &alias(), &refold(),     &update()};
  const auto any = [&] {
    return known[below(3) == 0 ? below(known.size())
                               : known.size() - 1 - below(std::min<std::size_t>(known.size(), 6))];
  };
  const auto any_like = [&](ValueId other) {
    ValueId id = any();
    while (program.value(id).type != program.value(other).type) id = any();
    return id;
  };
  const std::size_t count = 3 + below(30);
  for (std::size_t n = 0; n < count; ++n) {
    const OpDefinition& op = *ops[below(ops.size())];
    std::vector<ValueId> operands{any()};
    while (operands.size() < op.input_names.size()) operands.push_back(any_like(operands.front()));
    const NodeId node = program.add_node(op, operands);
    for (const ValueId output : program.node(node).outputs) known.push_back(output);
  }
  for (const ValueId variable : program.variables()) {
    if (below(4) != 0) program.assign(variable, any_like(variable));
  }
  for (std::size_t i = 0; i < 1 + below(3); ++i) program.add_output("y" + std::to_string(i), any());
  return program;
}

}  // namespace generalizer::test
