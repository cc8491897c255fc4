#include "generalizer/layer.h"

#include <cmath>

namespace generalizer {

void LayerBuilder::require_rank(std::size_t index, std::size_t rank, const std::string& expected,
                                const std::string& hint) const {
  const Shape& shape = input(index).shape();
  if (shape.rank() == rank) return;
  const std::string which = inputs().size() > 1 ? "input " + std::to_string(index) : std::string("its input");
  fail("it works on " + expected + ", " + std::to_string(rank) + " extents with the batch, and " + which +
           " " + shape.to_string() + " has " + std::to_string(shape.rank()),
       hint);
}

namespace {

/// Each activation under its name. All are smooth compositions of ops, or ops themselves.
struct Activation {
  const char* name;
  Tensor (*apply)(const Tensor& x, const ActivationOptions& options);
};

Tensor scalar(const Tensor& x, double value) { return fill(x.program(), {x.dtype(), {}}, value); }

Tensor elu(const Tensor& x, const ActivationOptions& options) {
  // Above 0 the exponent is that of 0, so that nothing overflows and nothing is added.
  const Tensor below = affine(exp(minimum(x, scalar(x, 0.0))), options.alpha, -options.alpha);
  return relu(x) + below;
}

/// x·Φ(x) (Hendrycks, Gimpel, 2016, "Gaussian error linear units")
Tensor gelu(const Tensor& x, const ActivationOptions&) {
  return x * affine(erf(affine(x, std::sqrt(0.5), 0.0)), 0.5, 0.5);
}

/// The same paper's approximation by tanh.
Tensor gelu_tanh(const Tensor& x, const ActivationOptions&) {
  const double factor = std::sqrt(2.0 / 3.14159265358979323846);
  const Tensor inner = affine(x + affine(x * square(x), 0.044715, 0.0), factor, 0.0);
  return x * affine(tanh(inner), 0.5, 0.5);
}

/// ln(1 + eˣ) as max(x, 0) + ln(1 + e^−|x|), which never overflows. Both are written with min(x, 0), whose gradient at 0 is 1: with those of relu and
/// abs, which are 0 there, the sum would have the gradient 0 in place of ½.
Tensor softplus(const Tensor& x, const ActivationOptions&) {
  const Tensor below = minimum(x, scalar(x, 0.0));
  const Tensor minus_size = affine(below, 2.0, 0.0) - x;  // −|x|
  return x - below + log(affine(exp(minus_size), 1.0, 1.0));
}

/// x·min(max(x + 3, 0), 6)/6 (Howard et al., 2019, "Searching for MobileNetV3")
Tensor hard_swish(const Tensor& x, const ActivationOptions&) {
  return x * affine(minimum(relu(affine(x, 1.0, 3.0)), scalar(x, 6.0)), 1.0 / 6.0, 0.0);
}

Tensor softmax_over(const Tensor& x, const ActivationOptions& options) {
  const auto rank = static_cast<std::int64_t>(x.rank());
  return softmax(x, options.axis < 0 ? options.axis + rank : options.axis);
}

const std::vector<Activation>& activations() {
  using Options = ActivationOptions;
  static const std::vector<Activation> all = {
      {"linear", [](const Tensor& x, const Options&) { return x; }},
      {"relu", [](const Tensor& x, const Options&) { return relu(x); }},
      {"leaky_relu", [](const Tensor& x, const Options& options) { return leaky_relu(x, options.slope); }},
      {"elu", elu},
      {"gelu", gelu},
      {"gelu_tanh", gelu_tanh},
      {"silu", [](const Tensor& x, const Options&) { return x * sigmoid(x); }},
      {"sigmoid", [](const Tensor& x, const Options&) { return sigmoid(x); }},
      {"tanh", [](const Tensor& x, const Options&) { return tanh(x); }},
      {"softplus", softplus},
      {"hard_swish", hard_swish},
      {"softmax", softmax_over},
  };
  return all;
}

}  // namespace

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names = [] {
    std::vector<std::string> result;
    for (const Activation& activation : activations()) result.emplace_back(activation.name);
    return result;
  }();
  return names;
}

ParameterSpec activation_parameter() {
  return one_of(
      parameter("activation", {ParameterType::string}, std::string("linear"),
                "What is applied to the layer's result, element by element (softmax: over axis 1)."),
      activation_names());
}

Tensor apply_activation(const std::string& name, const Tensor& x, const ActivationOptions& options) {
  for (const Activation& activation : activations()) {
    if (name == activation.name) return activation.apply(x, options);
  }
  std::string known;
  for (const std::string& candidate : activation_names())
    known += (known.empty() ? "\"" : ", \"") + candidate + "\"";
  const std::string near = nearest_name(name, activation_names());
  throw Error("there is no activation \"" + name + "\"; known are " + known +
              (near.empty() ? "" : ". Did you mean \"" + near + "\"?"));
}

Tensor apply_activation(const LayerBuilder& layer, const Tensor& x) {
  return apply_activation(layer.string("activation"), x);
}

}  // namespace generalizer
