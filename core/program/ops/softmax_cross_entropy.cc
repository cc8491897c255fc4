#include <algorithm>
#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"
#include "program/ops/labels.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const TensorType& logits = signature.inputs[0];
  const DType dtype = ops::common_floating_type(signature, {"logits"});
  ops::require_labels(logits, "logits", signature.inputs[1]);
  return {{dtype, Shape{}}, logits};
}

std::vector<TensorType> infer_backward(const OpSignature& signature) {
  ops::common_floating_type(signature, {"gradient", "probabilities"});
  ops::require_shape(signature.inputs[0].shape, "gradient", Shape{}, "as the loss is one number");
  ops::require_labels(signature.inputs[1], "probabilities", signature.inputs[2]);
  return {signature.inputs[1]};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  std::vector<Tensor> gradients(2);
  if (context.wanted[0] && context.output_gradients[0].defined()) {
    gradients[0] =
        softmax_cross_entropy_backward(context.output_gradients[0], context.outputs[1], context.inputs[1]);
  }
  return gradients;
}

void reference(const KernelContext& context) {
  const HostTensor& logits = context.inputs[0];
  const std::int64_t rows = logits.type.shape[0];
  const std::int64_t classes = logits.type.shape[1];
  dispatch_floating(logits.type.dtype, [&]<class T>(T) {
    double loss = 0.0;
    for (std::int64_t n = 0; n < rows; ++n) {
      const std::int64_t label = ops::label_of(context.inputs[1], n, classes);
      const T* row = logits.as<const T>() + n * classes;
      T* probabilities = context.outputs[1].as<T>() + n * classes;
      // −log(e^x[label] / Σ e^x) = log Σ e^(x − largest) − (x[label] − largest), in which nothing overflows.
      const double largest = static_cast<double>(*std::max_element(row, row + classes));
      double sum = 0.0;
      for (std::int64_t k = 0; k < classes; ++k) sum += std::exp(static_cast<double>(row[k]) - largest);
      for (std::int64_t k = 0; k < classes; ++k) {
        probabilities[k] = static_cast<T>(std::exp(static_cast<double>(row[k]) - largest) / sum);
      }
      loss += std::log(sum) - (static_cast<double>(row[label]) - largest);
    }
    *context.outputs[0].as<T>() = static_cast<T>(loss / static_cast<double>(rows));
  });
}

void backward_reference(const KernelContext& context) {
  const HostTensor& probabilities = context.inputs[1];
  const std::int64_t rows = probabilities.type.shape[0];
  const std::int64_t classes = probabilities.type.shape[1];
  dispatch_floating(probabilities.type.dtype, [&]<class T>(T) {
    const T scale = *context.inputs[0].as<const T>() / static_cast<T>(rows);
    const T* p = probabilities.as<const T>();
    T* dx = context.outputs[0].as<T>();
    for (std::int64_t n = 0; n < rows; ++n) {
      const std::int64_t label = ops::label_of(context.inputs[2], n, classes);
      for (std::int64_t k = 0; k < classes; ++k) {  // each element is read once: dx may lie in p's memory
        const std::int64_t at = n * classes + k;
        dx[at] = scale * (p[at] - (k == label ? T{1} : T{0}));
      }
    }
  });
}

}  // namespace

const OpDefinition& ops::softmax_cross_entropy() {
  static const OpDefinition definition{
      .name = "softmax_cross_entropy",
      .summary = "The mean over the batch of −log softmax(logits)[label], and the softmax.",
      .input_names = {"logits", "labels"},
      .output_names = {"loss", "probabilities"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = flops_per_element(5),
      .in_place = {},
      .view = false,
      .workspaces = {}};
  return definition;
}

const OpDefinition& ops::softmax_cross_entropy_backward() {
  static const OpDefinition definition{
      .name = "softmax_cross_entropy_backward",
      .summary = "dloss·(probabilities − onehot)/N; the gradient of softmax_cross_entropy.",
      .input_names = {"dloss", "probabilities", "labels"},
      .output_names = {"dlogits"},
      .infer = infer_backward,
      .gradient = {},
      .reference = backward_reference,
      .flops = {},
      .in_place = {{0, 1}},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> softmax_cross_entropy(const Tensor& logits, const Tensor& labels) {
  return apply_all(ops::softmax_cross_entropy(), std::array{logits, labels});
}
Tensor softmax_cross_entropy_backward(const Tensor& dloss, const Tensor& probabilities,
                                      const Tensor& labels) {
  return generalizer::apply(ops::softmax_cross_entropy_backward(), std::array{dloss, probabilities, labels});
}

}  // namespace generalizer
