#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/gather.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  ops::require_indices(signature.inputs[0]);
  const DType dtype = ops::dtype_attribute(signature.attributes);
  if (!is_floating(dtype))
    throw Error(std::string("the dtype is ") + name_of(dtype) + " and must be f32 or f64");
  const std::int64_t classes = signature.attributes.integer("classes");
  if (classes < 1) throw Error("there are " + std::to_string(classes) + " classes; expected at least 1");
  return {{dtype, ops::with_last_axis(signature.inputs[0].shape, classes)}};
}

void reference(const KernelContext& context) {
  const HostTensor& y = context.outputs[0];
  const std::int64_t classes = context.attributes.integer("classes");
  const auto* indices = context.inputs[0].as<const std::int32_t>();
  dispatch_floating(y.type.dtype, [&]<class T>(T) {
    T* to = y.as<T>();
    std::fill_n(to, y.type.shape.elements(), T{});
    for (std::int64_t i = 0, n = context.inputs[0].type.shape.elements(); i < n; ++i) {
      if (indices[i] >= 0 && indices[i] < classes) to[i * classes + indices[i]] = T{1};
    }
  });
}

}  // namespace

const OpDefinition& ops::one_hot() {
  static const OpDefinition definition{
      .name = "one_hot",
      .summary = "1 at each index, else 0; a row of zeros for an index outside [0, classes).",
      .input_names = {"indices"},
      .output_names = {"y"},
      .infer = infer,
      .gradient = [](const GradientContext&) { return std::vector<Tensor>(1); },
      .reference = reference,
      .flops = no_flops,
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor one_hot(const Tensor& indices, std::int64_t classes, DType dtype) {
  return generalizer::apply(ops::one_hot(), std::array{indices},
                            {{"classes", classes}, {"dtype", std::string(name_of(dtype))}});
}

}  // namespace generalizer
