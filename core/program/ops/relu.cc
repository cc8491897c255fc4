#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"
#include "program/ops/elementwise.h"

// relu and leaky_relu. NaN stays NaN: a network that went wrong has to show it.
namespace generalizer {
namespace {

/// The sign of y is the sign of x only for a positive slope, and the gradient reads y.
std::vector<TensorType> infer_leaky(const OpSignature& signature, std::vector<TensorType> types) {
  const double slope = signature.attributes.number("slope");
  if (!(slope > 0.0)) throw Error("the slope is " + std::to_string(slope) + " and must be greater than 0");
  return types;
}

std::vector<Tensor> leaky_gradient(const GradientContext& context) {
  if (!context.wanted[0]) return {Tensor{}};
  const double slope = context.node.attributes.number("slope");
  return {leaky_relu_backward(context.output_gradients[0], context.outputs[0], slope)};
}

void leaky_reference(const KernelContext& context) {
  const double slope = context.attributes.number("slope");
  ops::map_elements(context, [slope]<class T>(T x) { return x > T{0} ? x : static_cast<T>(slope) * x; });
}

void leaky_backward_reference(const KernelContext& context) {
  const double slope = context.attributes.number("slope");
  ops::map_pairs(context, [slope]<class T>(T dy, T y) { return y > T{0} ? dy : static_cast<T>(slope) * dy; });
}

}  // namespace

const OpDefinition& ops::relu() {
  static const OpDefinition definition =
      unary("relu", "max(x, 0).", mapped([]<class T>(T x) { return x < T{0} ? T{0} : x; }),
            unary_gradient([](Tensor dy, Tensor, Tensor y) { return generalizer::relu_backward(dy, y); }));
  return definition;
}

const OpDefinition& ops::relu_backward() {
  static const OpDefinition definition =
      unary_backward("relu_backward", "y > 0 ? dy : 0; the gradient of relu.",
                     mapped_pairs([]<class T>(T dy, T y) { return y > T{0} ? dy : T{0}; }), 1);
  return definition;
}

const OpDefinition& ops::leaky_relu() {
  static const OpDefinition definition = [] {
    OpDefinition op = unary("leaky_relu", "x > 0 ? x : slope·x.", leaky_reference, leaky_gradient);
    op.infer = [](const OpSignature& signature) { return infer_leaky(signature, infer_unary(signature)); };
    return op;
  }();
  return definition;
}

const OpDefinition& ops::leaky_relu_backward() {
  static const OpDefinition definition = [] {
    OpDefinition op =
        unary_backward("leaky_relu_backward", "y > 0 ? dy : slope·dy; the gradient of leaky_relu.",
                       leaky_backward_reference, 1);
    op.infer = [](const OpSignature& signature) {
      return infer_leaky(signature, infer_unary_backward(signature));
    };
    return op;
  }();
  return definition;
}

Tensor relu(const Tensor& x) { return generalizer::apply(ops::relu(), std::array{x}); }
Tensor relu_backward(const Tensor& dy, const Tensor& y) {
  return generalizer::apply(ops::relu_backward(), std::array{dy, y});
}
Tensor leaky_relu(const Tensor& x, double slope) {
  return generalizer::apply(ops::leaky_relu(), std::array{x}, {{"slope", slope}});
}
Tensor leaky_relu_backward(const Tensor& dy, const Tensor& y, double slope) {
  return generalizer::apply(ops::leaky_relu_backward(), std::array{dy, y}, {{"slope", slope}});
}

}  // namespace generalizer
