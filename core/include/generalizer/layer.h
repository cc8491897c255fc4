#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "generalizer/parameter.h"

namespace generalizer {

/// How a weight begins. Numbers come from Philox(seed, stream_of(weight name)), so they depend on neither backend nor layer order.
struct Initializer {
  enum class Kind : std::uint8_t { constant, uniform, normal };
  Kind kind = Kind::constant;
  double a = 0.0;  ///< the constant, the lower bound, or the mean
  double b = 0.0;  ///< the upper bound, or the standard deviation
};
GENERALIZER_EXPORT Initializer zeros();
GENERALIZER_EXPORT Initializer ones();
GENERALIZER_EXPORT Initializer constant(double value);
/// U(−l, l), l = √(6/(fan_in + fan_out)) (Glorot, Bengio, 2010, "Understanding the difficulty of training deep feedforward neural networks")
GENERALIZER_EXPORT Initializer glorot_uniform(std::int64_t fan_in, std::int64_t fan_out);

/// What a layer's forward pass is built with. The graph stage implements it; a layer only calls it.
///
/// Errors that the user can cause are reported with `fail`, which names the layer and shows the line of the graph file.
class GENERALIZER_EXPORT LayerBuilder {
 public:
  virtual ~LayerBuilder() = default;

  // What comes in
  virtual std::span<const Tensor> inputs() const = 0;
  const Tensor& input(std::size_t index = 0) const { return inputs()[index]; }
  virtual const Parameters& parameters() const = 0;
  std::int64_t integer(const std::string& name) const { return parameters().integer(name); }
  double number(const std::string& name) const { return parameters().number(name); }
  bool boolean(const std::string& name) const { return parameters().boolean(name); }
  const std::string& string(const std::string& name) const { return parameters().string(name); }
  /// True while a step that trains is built, false for evaluation: dropout and batch_norm differ.
  virtual bool training() const = 0;

  // What the layer owns. Names are local ("kernel"); the session sees "PLAYER/LAYER/kernel".
  /// A trainable weight.
  virtual Tensor weight(const std::string& name, const Shape& shape, const Initializer& initializer) = 0;
  /// Kept between steps but not trained by gradient (running mean and variance).
  virtual Tensor statistic(const std::string& name, const Shape& shape, double initial_value) = 0;
  /// The statistic's next value. Takes effect only in the step of the player that owns this layer.
  virtual void update_statistic(const Tensor& statistic, const Tensor& next) = 0;
  /// Uniform numbers in [0, 1), fresh each step and different for each call, layer and player.
  virtual Tensor random_uniform(const Shape& shape) = 0;
  /// The program that is being built, for ops without an operand.
  virtual Program& program() = 0;

  // What the user did wrong: throws GraphError at the layer, or at one of its keys.
  [[noreturn]] virtual void fail(const std::string& message, const std::string& hint = {}) const = 0;
  [[noreturn]] virtual void fail_at(const std::string& parameter, const std::string& message,
                                    const std::string& hint = {}) const = 0;

  /// Fails unless input `index` has this rank. `expected` says it in words: "images (N×C×H×W)".
  void require_rank(std::size_t index, std::size_t rank, const std::string& expected,
                    const std::string& hint = {}) const;
};

/// A kind of layer: what a plugin registers. The forward pass is all there is: gradients are derived from the ops it is built of, and
/// backends implement ops, so the layer trains on every backend.
struct LayerType {
  std::string name;     ///< the `type` in a graph file: "conv2d"
  std::string summary;  ///< one sentence
  std::vector<ParameterSpec> parameters;
  std::size_t minimum_inputs = 1;
  std::size_t maximum_inputs = 1;
  /// Builds the forward pass and returns the layer's output (its shape is inferred by the ops). Called once a program and batch size;
  /// must ask for the same weights each time.
  std::function<Tensor(LayerBuilder&)> build;
};

/// The `activation` parameter that layers share: "linear", "relu", "leaky_relu", "sigmoid", "tanh", "softmax"; default "linear".
GENERALIZER_EXPORT ParameterSpec activation_parameter();
/// Names that `apply_activation` knows.
GENERALIZER_EXPORT const std::vector<std::string>& activation_names();
/// Applies an activation by name; `slope` is leaky_relu's. Throws `Error` for an unknown name.
GENERALIZER_EXPORT Tensor apply_activation(const std::string& name, const Tensor& x, double slope = 0.01);
/// Applies the layer's `activation` parameter.
GENERALIZER_EXPORT Tensor apply_activation(const LayerBuilder& layer, const Tensor& x);

}  // namespace generalizer
