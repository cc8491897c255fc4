#include <algorithm>
#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"
#include "program/ops/labels.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"logits"});
  ops::require_labels(signature.inputs[0], "logits", signature.inputs[1]);
  return {{dtype, Shape{}}};
}

void reference(const KernelContext& context) {
  const HostTensor& logits = context.inputs[0];
  const std::int64_t classes = logits.type.shape[1];
  dispatch_floating(logits.type.dtype, [&]<class T>(T) {
    std::int64_t correct = 0;
    for (std::int64_t n = 0; n < logits.type.shape[0]; ++n) {
      const T* row = logits.as<const T>() + n * classes;
      const std::int64_t label = ops::label_of(context.inputs[1], n, classes);
      if (std::max_element(row, row + classes) - row == label) ++correct;
    }
    *context.outputs[0].as<T>() = static_cast<T>(correct);
  });
}

}  // namespace

const OpDefinition& ops::count_correct() {
  static const OpDefinition definition{
      .name = "count_correct",
      .summary = "How many rows of the logits have their first largest one at the label.",
      .input_names = {"logits", "labels"},
      .output_names = {"count"},
      .infer = infer,
      .gradient = {},
      .reference = reference,
      .flops = flops_per_element(1),
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor count_correct(const Tensor& logits, const Tensor& labels) {
  return generalizer::apply(ops::count_correct(), std::array{logits, labels});
}

}  // namespace generalizer
