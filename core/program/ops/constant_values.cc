#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/movement.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::dtype_attribute(signature.attributes);
  const Shape shape = ops::shape_attribute(signature.attributes);
  const auto given = static_cast<std::int64_t>(signature.attributes.numbers("values").size());
  if (given != shape.elements()) {
    throw Error("there are " + std::to_string(given) + " values, and the shape " + shape.to_string() +
                " holds " + std::to_string(shape.elements()));
  }
  return {{dtype, shape}};
}

void reference(const KernelContext& context) {
  const HostTensor& y = context.outputs[0];
  const std::vector<double>& values = context.attributes.numbers("values");
  dispatch_element(y.type.dtype, [&]<class T>(T) {
    std::transform(values.begin(), values.end(), y.as<T>(), [](double v) { return static_cast<T>(v); });
  });
}

}  // namespace

const OpDefinition& ops::constant_values() {
  static const OpDefinition definition{
      .name = "constant_values",
      .summary = "A tensor of given values.",
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

Tensor constant_values(Program& program, const TensorType& type, std::vector<double> values) {
  const NodeId node = program.add_node(ops::constant_values(), {},
                                       {{"dtype", std::string(name_of(type.dtype))},
                                        {"shape", ops::attribute_of(type.shape)},
                                        {"values", std::move(values)}});
  return {program, program.node(node).outputs[0]};
}

}  // namespace generalizer
