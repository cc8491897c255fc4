#include <cmath>
#include <limits>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

/// Throws unless an integer type can hold the value.
void require_representable(double value, DType dtype) {
  dispatch_element(dtype, [&]<class T>(T) {
    if constexpr (std::is_integral_v<T>) {
      // The largest i64 is no double; the next power of two is.
      const double above = std::ldexp(1.0, std::numeric_limits<T>::digits);
      if (value != std::trunc(value) || value < static_cast<double>(std::numeric_limits<T>::min()) ||
          value >= above) {
        throw Error("the value is " + std::to_string(value) + " and must be an integer that " +
                    name_of(dtype) + " can hold");
      }
    }
  });
}

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::dtype_attribute(signature.attributes);
  require_representable(signature.attributes.number("value"), dtype);
  return {{dtype, ops::shape_attribute(signature.attributes)}};
}

void reference(const KernelContext& context) {
  const HostTensor& y = context.outputs[0];
  const double value = context.attributes.number("value");
  dispatch_element(y.type.dtype, [&]<class T>(T) {
    std::fill_n(y.as<T>(), y.type.shape.elements(), static_cast<T>(value));
  });
}

}  // namespace

const OpDefinition& ops::fill() {
  static const OpDefinition definition{
      .name = "fill",
      .summary = "A tensor whose elements all have one value.",
      .input_names = {},
      .output_names = {"y"},
      .infer = infer,
      .gradient = [](const GradientContext&) { return std::vector<Tensor>{}; },
      .reference = reference,
      .flops = no_flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor fill(Program& program, const TensorType& type, double value) {
  const NodeId node = program.add_node(ops::fill(), {},
                                       {{"dtype", std::string(name_of(type.dtype))},
                                        {"shape", ops::attribute_of(type.shape)},
                                        {"value", value}});
  return {program, program.node(node).outputs[0]};
}

}  // namespace generalizer
