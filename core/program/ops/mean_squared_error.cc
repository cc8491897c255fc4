#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"prediction", "target"});
  ops::require_shape(signature.inputs[1].shape, "target", signature.inputs[0].shape,
                     "the shape of the prediction");
  return {{dtype, Shape{}}};
}

std::vector<TensorType> infer_backward(const OpSignature& signature) {
  ops::common_floating_type(signature, {"gradient", "prediction", "target"});
  ops::require_shape(signature.inputs[0].shape, "gradient", Shape{}, "as the loss is one number");
  ops::require_shape(signature.inputs[2].shape, "target", signature.inputs[1].shape,
                     "the shape of the prediction");
  return {signature.inputs[1]};
}

// The error is symmetric: the target's gradient is the prediction's with the two exchanged.
std::vector<Tensor> gradient(const GradientContext& context) {
  const Tensor& dloss = context.output_gradients[0];
  const Tensor& prediction = context.inputs[0];
  const Tensor& target = context.inputs[1];
  std::vector<Tensor> gradients(2);
  if (context.wanted[0]) gradients[0] = mean_squared_error_backward(dloss, prediction, target);
  if (context.wanted[1]) gradients[1] = mean_squared_error_backward(dloss, target, prediction);
  return gradients;
}

void reference(const KernelContext& context) {
  const std::int64_t elements = context.inputs[0].type.shape.elements();
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* prediction = context.inputs[0].as<const T>();
    const T* target = context.inputs[1].as<const T>();
    double sum = 0.0;
    for (std::int64_t i = 0; i < elements; ++i) {
      const double error = static_cast<double>(prediction[i]) - static_cast<double>(target[i]);
      sum += error * error;
    }
    *context.outputs[0].as<T>() = static_cast<T>(sum / static_cast<double>(elements));
  });
}

void backward_reference(const KernelContext& context) {
  const std::int64_t elements = context.inputs[1].type.shape.elements();
  dispatch_floating(context.inputs[1].type.dtype, [&]<class T>(T) {
    const T scale = *context.inputs[0].as<const T>() * T{2} / static_cast<T>(elements);
    const T* prediction = context.inputs[1].as<const T>();
    const T* target = context.inputs[2].as<const T>();
    T* dx = context.outputs[0].as<T>();
    for (std::int64_t i = 0; i < elements; ++i) dx[i] = scale * (prediction[i] - target[i]);
  });
}

double backward_flops(const OpSignature& signature) {
  return 2.0 * static_cast<double>(signature.inputs[1].shape.elements());
}

}  // namespace

const OpDefinition& ops::mean_squared_error() {
  static const OpDefinition definition{.name = "mean_squared_error",
                                       .summary = "The mean over all elements of (prediction − target)².",
                                       .input_names = {"prediction", "target"},
                                       .output_names = {"loss"},
                                       .infer = infer,
                                       .gradient = gradient,
                                       .reference = reference,
                                       .flops = flops_per_element(3),
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

const OpDefinition& ops::mean_squared_error_backward() {
  static const OpDefinition definition{
      .name = "mean_squared_error_backward",
      .summary = "dloss·2·(prediction − target)/elements; the gradient of mean_squared_error.",
      .input_names = {"dloss", "prediction", "target"},
      .output_names = {"dprediction"},
      .infer = infer_backward,
      .gradient = {},
      .reference = backward_reference,
      .flops = backward_flops,
      .in_place = {{0, 1}, {0, 2}},
      .view = false,
      .workspaces = {}};
  return definition;
}

Tensor mean_squared_error(const Tensor& prediction, const Tensor& target) {
  return generalizer::apply(ops::mean_squared_error(), std::array{prediction, target});
}
Tensor mean_squared_error_backward(const Tensor& dloss, const Tensor& prediction, const Tensor& target) {
  return generalizer::apply(ops::mean_squared_error_backward(), std::array{dloss, prediction, target});
}

}  // namespace generalizer
