#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

#include "program/ops/broadcast.h"
#include "program/ops/definitions.h"
#include "program/ops/operand_checks.h"

// add, subtract, multiply, divide, maximum and minimum, with broadcasting.
namespace generalizer {
namespace {

std::vector<TensorType> infer(const OpSignature& signature) {
  const DType dtype = ops::common_floating_type(signature, {"left operand", "right operand"});
  return {{dtype, ops::broadcast_shape(signature.inputs[0].shape, signature.inputs[1].shape)}};
}

/// y = f(a, b), each operand stretched to the shape of y.
template <class F>
ReferenceKernel broadcasting(F f) {
  return [f](const KernelContext& context) {
    const HostTensor& y = context.outputs[0];
    const Shape& shape = y.type.shape;
    dispatch_floating(y.type.dtype, [&]<class T>(T) {
      const T* a = context.inputs[0].as<const T>();
      const T* b = context.inputs[1].as<const T>();
      T* to = y.as<T>();
      ops::for_each_position<2>(
          shape,
          {ops::broadcast_strides(context.inputs[0].type.shape, shape),
           ops::broadcast_strides(context.inputs[1].type.shape, shape)},
          [&](std::int64_t i, const std::array<std::int64_t, 2>& at) { to[i] = f(a[at[0]], b[at[1]]); });
    });
  };
}

/// `by_a(context, dy)` and `by_b(context, dy)` give the gradients in the shape of y.
template <class A, class B>
GradientRule summed(A by_a, B by_b) {
  return [by_a, by_b](const GradientContext& context) {
    const Tensor& dy = context.output_gradients[0];
    std::vector<Tensor> gradients(2);
    if (context.wanted[0]) {
      gradients[0] = ops::sum_to_shape(by_a(context, dy), context.inputs[0].shape());
    }
    if (context.wanted[1]) {
      gradients[1] = ops::sum_to_shape(by_b(context, dy), context.inputs[1].shape());
    }
    return gradients;
  };
}

/// Where two operands compete, 1 where the left one's gradient passes: x ≥ y.
Tensor at_least(const Tensor& x, const Tensor& y) { return greater_equal(x - y, 0.0); }

template <class F>
OpDefinition binary(std::string name, std::string summary, F f, GradientRule gradient) {
  return {.name = std::move(name),
          .summary = std::move(summary),
          .input_names = {"a", "b"},
          .output_names = {"y"},
          .infer = infer,
          .gradient = std::move(gradient),
          .reference = broadcasting(f),
          .flops = {},
          .in_place = {{0, 0}, {0, 1}},
          .view = false,
          .workspaces = {}};
}

using Context = const GradientContext&;

}  // namespace

const OpDefinition& ops::add() {
  static const OpDefinition definition = binary(
      "add", "a + b, with broadcasting.", []<class T>(T a, T b) { return a + b; },
      summed([](Context, Tensor dy) { return dy; }, [](Context, Tensor dy) { return dy; }));
  return definition;
}

const OpDefinition& ops::subtract() {
  static const OpDefinition definition = binary(
      "subtract", "a − b, with broadcasting.", []<class T>(T a, T b) { return a - b; },
      summed([](Context, Tensor dy) { return dy; }, [](Context, Tensor dy) { return -dy; }));
  return definition;
}

const OpDefinition& ops::multiply() {
  static const OpDefinition definition = binary(
      "multiply", "a·b, with broadcasting.", []<class T>(T a, T b) { return a * b; },
      summed([](Context c, Tensor dy) { return dy * c.inputs[1]; },
             [](Context c, Tensor dy) { return dy * c.inputs[0]; }));
  return definition;
}

const OpDefinition& ops::divide() {
  static const OpDefinition definition = binary(
      "divide", "a/b, with broadcasting.", []<class T>(T a, T b) { return a / b; },
      summed([](Context c, Tensor dy) { return dy / c.inputs[1]; },
             [](Context c, Tensor dy) { return -(dy * c.outputs[0] / c.inputs[1]); }));
  return definition;
}

const OpDefinition& ops::maximum() {
  static const OpDefinition definition = binary(
      "maximum", "The larger of a and b, with broadcasting; where equal, the gradient goes to a.",
      []<class T>(T a, T b) { return a >= b || std::isnan(a) ? a : b; },
      summed(
          [](Context c, Tensor dy) { return dy * at_least(c.inputs[0], c.inputs[1]); },
          [](Context c, Tensor dy) { return dy * affine(at_least(c.inputs[0], c.inputs[1]), -1.0, 1.0); }));
  return definition;
}

const OpDefinition& ops::minimum() {
  static const OpDefinition definition = binary(
      "minimum", "The smaller of a and b, with broadcasting; where equal, the gradient goes to a.",
      []<class T>(T a, T b) { return a <= b || std::isnan(a) ? a : b; },
      summed(
          [](Context c, Tensor dy) { return dy * at_least(c.inputs[1], c.inputs[0]); },
          [](Context c, Tensor dy) { return dy * affine(at_least(c.inputs[1], c.inputs[0]), -1.0, 1.0); }));
  return definition;
}

Tensor add(const Tensor& a, const Tensor& b) { return generalizer::apply(ops::add(), std::array{a, b}); }
Tensor subtract(const Tensor& a, const Tensor& b) {
  return generalizer::apply(ops::subtract(), std::array{a, b});
}
Tensor multiply(const Tensor& a, const Tensor& b) {
  return generalizer::apply(ops::multiply(), std::array{a, b});
}
Tensor divide(const Tensor& a, const Tensor& b) {
  return generalizer::apply(ops::divide(), std::array{a, b});
}
Tensor maximum(const Tensor& a, const Tensor& b) {
  return generalizer::apply(ops::maximum(), std::array{a, b});
}
Tensor minimum(const Tensor& a, const Tensor& b) {
  return generalizer::apply(ops::minimum(), std::array{a, b});
}

}  // namespace generalizer
