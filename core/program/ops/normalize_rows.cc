#include <array>
#include <cmath>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// Ba, Kiros, Hinton, 2016, "Layer normalization".
namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"operand"});
  const Shape& x = signature.inputs[0].shape;
  ops::require_rank(x, "operand", 2, "rows×columns");
  const double epsilon = signature.attributes.number("epsilon");
  if (!(epsilon >= 0.0)) throw Error("epsilon is " + std::to_string(epsilon) + " and must be at least 0");
  return {{dtype, x}, {dtype, Shape{x[0]}}, {dtype, Shape{x[0]}}};
}

std::vector<Tensor> gradient(const GradientContext& context) {
  if (!context.wanted[0] || !context.output_gradients[0].defined()) return {Tensor{}};
  return {normalize_rows_backward(context.output_gradients[0], context.outputs[0], context.outputs[2])};
}

void reference(const KernelContext& context) {
  const HostTensor& x = context.inputs[0];
  const std::int64_t columns = x.type.shape[1];
  const double epsilon = context.attributes.number("epsilon");
  dispatch_floating(x.type.dtype, [&]<class T>(T) {
    for (std::int64_t row = 0; row < x.type.shape[0]; ++row) {
      const T* from = x.as<const T>() + row * columns;
      T* to = context.outputs[0].as<T>() + row * columns;
      double mean = 0.0;
      for (std::int64_t i = 0; i < columns; ++i) mean += static_cast<double>(from[i]);
      mean /= static_cast<double>(columns);
      double variance = 0.0;
      for (std::int64_t i = 0; i < columns; ++i) {
        const double d = static_cast<double>(from[i]) - mean;
        variance += d * d;
      }
      const double inverse = 1.0 / std::sqrt(variance / static_cast<double>(columns) + epsilon);
      for (std::int64_t i = 0; i < columns; ++i)
        to[i] = static_cast<T>((static_cast<double>(from[i]) - mean) * inverse);
      context.outputs[1].as<T>()[row] = static_cast<T>(mean);
      context.outputs[2].as<T>()[row] = static_cast<T>(inverse);
    }
  });
}

std::vector<TensorType> infer_backward(const OpSignature& signature) {
  ops::common_floating_type(signature, {"gradient", "output", "inverse deviation"});
  const Shape& dy = signature.inputs[0].shape;
  ops::require_rank(dy, "gradient", 2, "rows×columns");
  ops::require_shape(signature.inputs[1].shape, "output", dy, "the shape of the gradient");
  ops::require_shape(signature.inputs[2].shape, "inverse deviation", Shape{dy[0]},
                     "one number a row of the gradient");
  return {signature.inputs[0]};
}

void reference_backward(const KernelContext& context) {
  const HostTensor& dy = context.inputs[0];
  const std::int64_t columns = dy.type.shape[1];
  dispatch_floating(dy.type.dtype, [&]<class T>(T) {
    for (std::int64_t row = 0; row < dy.type.shape[0]; ++row) {
      const T* g = dy.as<const T>() + row * columns;
      const T* y = context.inputs[1].as<const T>() + row * columns;
      T* dx = context.outputs[0].as<T>() + row * columns;
      double mean = 0.0;        // of dy
      double projection = 0.0;  // mean of dy·y
      for (std::int64_t i = 0; i < columns; ++i) {
        mean += static_cast<double>(g[i]);
        projection += static_cast<double>(g[i]) * static_cast<double>(y[i]);
      }
      mean /= static_cast<double>(columns);
      projection /= static_cast<double>(columns);
      const auto inverse = static_cast<double>(context.inputs[2].as<const T>()[row]);
      for (std::int64_t i = 0; i < columns; ++i) {
        dx[i] = static_cast<T>(
            inverse * (static_cast<double>(g[i]) - mean - static_cast<double>(y[i]) * projection));
      }
    }
  });
}

}  // namespace

const OpDefinition& ops::normalize_rows() {
  static const OpDefinition definition{
      .name = "normalize_rows",
      .summary = "Each row brought to mean 0 and variance 1: (x − mean)/√(variance + epsilon).",
      .input_names = {"x"},
      .output_names = {"y", "mean", "inverse_deviation"},
      .infer = infer,
      .gradient = gradient,
      .reference = reference,
      .flops = flops_per_element(7),
      .in_place = {{0, 0}},
      .view = false,
      .workspaces = {}};
  return definition;
}

const OpDefinition& ops::normalize_rows_backward() {
  static const OpDefinition definition{
      .name = "normalize_rows_backward",
      .summary = "inverse_deviation·(dy − mean(dy) − y·mean(dy·y)) by rows; the gradient of normalize_rows.",
      .input_names = {"dy", "y", "inverse_deviation"},
      .output_names = {"dx"},
      .infer = infer_backward,
      .gradient = {},
      .reference = reference_backward,
      .flops = flops_per_element(8),
      .in_place = {{0, 0}, {0, 1}},
      .view = false,
      .workspaces = {}};
  return definition;
}

std::vector<Tensor> normalize_rows(const Tensor& x, double epsilon) {
  return apply_all(ops::normalize_rows(), std::array{x}, {{"epsilon", epsilon}});
}

Tensor normalize_rows_backward(const Tensor& dy, const Tensor& y, const Tensor& inverse_deviation) {
  return generalizer::apply(ops::normalize_rows_backward(), std::array{dy, y, inverse_deviation});
}

}  // namespace generalizer
