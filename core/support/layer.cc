#include "generalizer/layer.h"

#include <cmath>

namespace generalizer {

Initializer zeros() { return constant(0.0); }
Initializer ones() { return constant(1.0); }
Initializer constant(double value) { return {Initializer::Kind::constant, value, 0.0}; }

Initializer glorot_uniform(std::int64_t fan_in, std::int64_t fan_out) {
  const double limit = std::sqrt(6.0 / static_cast<double>(fan_in + fan_out));
  return {Initializer::Kind::uniform, -limit, limit};
}

void LayerBuilder::require_rank(std::size_t index, std::size_t rank, const std::string& expected,
                                const std::string& hint) const {
  const Shape& shape = input(index).shape();
  if (shape.rank() == rank) return;
  const std::string which = inputs().size() > 1 ? "input " + std::to_string(index) : std::string("its input");
  fail("it works on " + expected + ", " + std::to_string(rank) + " extents with the batch, and " + which +
           " " + shape.to_string() + " has " + std::to_string(shape.rank()),
       hint);
}

const std::vector<std::string>& activation_names() {
  static const std::vector<std::string> names{"linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax"};
  return names;
}

ParameterSpec activation_parameter() {
  return one_of(
      parameter("activation", {ParameterType::string}, std::string("linear"),
                "What is applied to the layer's result, element by element (softmax: over axis 1)."),
      activation_names());
}

Tensor apply_activation(const std::string& name, const Tensor& x, const ActivationOptions& options) {
  if (name == "linear") return x;
  if (name == "relu") return relu(x);
  if (name == "leaky_relu") return leaky_relu(x, options.slope);
  if (name == "sigmoid") return sigmoid(x);
  if (name == "tanh") return tanh(x);
  if (name == "softmax") return softmax(x);
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
