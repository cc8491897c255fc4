#pragma once

#include <cstring>
#include <initializer_list>
#include <utility>

#include "program/ops/elementwise.h"

/// What the optimisers' updates and the book-keeping ops share.
namespace generalizer::ops {

/// The gate: 0 leaves everything as it was.
inline bool is_open(const HostTensor& gate) {
  bool open = false;
  dispatch_floating(gate.type.dtype, [&]<class T>(T) { open = *gate.as<const T>() != T{0}; });
  return open;
}

/// Throws unless the operand is a single number of floating type.
inline void require_floating_scalar(const TensorType& type, const char* name) {
  if (!is_floating(type.dtype) || type.shape.rank() != 0) {
    throw Error(std::string("the ") + name + " is " + to_string(type) +
                " and must be f32[scalar] or f64[scalar]");
  }
}

/// Throws unless operand `index` is exactly of this type.
inline void require_type(const OpSignature& signature, std::size_t index, const char* name,
                         const TensorType& expected) {
  const TensorType& type = signature.inputs[index];
  if (type != expected) {
    throw Error(std::string("the ") + name + " is " + to_string(type) + " and must be " +
                to_string(expected));
  }
}

/// Throws unless the first operands (weight, gradient and moments, by name) are of one type; gives a scalar of
/// their floating type, which learning rate and gate must have.
inline TensorType require_weight_types(const OpSignature& signature,
                                       std::initializer_list<const char*> names) {
  const TensorType& weight = signature.inputs[0];
  common_floating_type(signature, names);
  std::size_t index = 0;
  for (const char* name : names) {
    require_shape(signature.inputs[index++].shape, name, weight.shape, "the shape of the weight");
  }
  return {weight.dtype, Shape{}};
}

/// Copies operands to outputs, by pairs (output, operand): what a closed gate does.
inline void keep(const KernelContext& context,
                 std::initializer_list<std::pair<std::size_t, std::size_t>> pairs) {
  for (const auto& [output, operand] : pairs) {
    const HostTensor& from = context.inputs[operand];
    std::memcpy(context.outputs[output].data, from.data, static_cast<std::size_t>(from.type.bytes()));
  }
}

}  // namespace generalizer::ops
