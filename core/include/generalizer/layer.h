#pragma once

#include <functional>
#include <string>
#include <vector>

#include "generalizer/ops.h"
#include "generalizer/parameter.h"

namespace generalizer {

/// How a weight begins. Numbers come from Philox(seed, stream_of(weight name)), so they depend on neither backend nor layer order.
struct Initializer {
  enum class Kind : std::uint8_t { constant, uniform, normal, orthogonal, file };
  Kind kind = Kind::constant;
  double a = 0.0;  ///< the constant, the lower bound, the mean, or (orthogonal) the factor
  double b = 0.0;  ///< the upper bound, or the standard deviation
  std::string file = {};    ///< a safetensors or .npy file
  std::string tensor = {};  ///< which of a safetensors file's; "": the one called like the weight, "LAYER/kernel" or "PLAYER/LAYER/kernel"
};
GENERALIZER_EXPORT Initializer zeros();
GENERALIZER_EXPORT Initializer ones();
GENERALIZER_EXPORT Initializer constant(double value);
/// U(−l, l), l = √(6/(fan_in + fan_out)) (Glorot, Bengio, 2010, "Understanding the difficulty of training deep feedforward neural networks")
GENERALIZER_EXPORT Initializer glorot_uniform(std::int64_t fan_in, std::int64_t fan_out);
/// Normal with deviation √(2/(fan_in + fan_out)), from the same paper.
GENERALIZER_EXPORT Initializer glorot_normal(std::int64_t fan_in, std::int64_t fan_out);
/// U(−√(6/fan_in), √(6/fan_in)) (He, Zhang, Ren, Sun, 2015, "Delving deep into rectifiers")
GENERALIZER_EXPORT Initializer he_uniform(std::int64_t fan_in);
/// Normal with deviation √(2/fan_in), from the same paper; not truncated.
GENERALIZER_EXPORT Initializer he_normal(std::int64_t fan_in);
/// U(−√(3/fan_in), √(3/fan_in)) (LeCun, Bottou, Orr, Müller, 1998, "Efficient backprop")
GENERALIZER_EXPORT Initializer lecun_uniform(std::int64_t fan_in);
/// Normal with deviation √(1/fan_in), from the same paper; not truncated.
GENERALIZER_EXPORT Initializer lecun_normal(std::int64_t fan_in);
/// `gain` times a matrix with orthonormal rows or columns, whichever are fewer; a weight of more than two extents counts as (first extent) × (product of
/// the others), as in PyTorch (Saxe, McClelland, Ganguli, 2014, "Exact solutions to the nonlinear dynamics of learning in deep linear neural networks")
GENERALIZER_EXPORT Initializer orthogonal(double gain = 1.0);

/// The parameter by which a user chooses how a weight begins: `kernel_initializer = "he_normal"`, or a table with `type` and that type's own keys:
/// { type = "constant", value = 0.1 }, { type = "normal", deviation = 0.02 }, { type = "file", file = "w.npy" }.
GENERALIZER_EXPORT ParameterSpec initializer_parameter(std::string name, std::string default_type);

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
  /// True when the user wrote `freeze = true`: the weights won't move, whatever the layer does; batch_norm keeps its statistics, too.
  virtual bool frozen() const = 0;

  // What the layer owns. Names are local ("kernel"); the session sees "PLAYER/LAYER/kernel".
  /// A trainable weight.
  virtual Tensor weight(const std::string& name, const Shape& shape, const Initializer& initializer) = 0;
  /// Kept between steps but not trained by gradient (running mean and variance).
  virtual Tensor statistic(const std::string& name, const Shape& shape, double initial_value) = 0;
  /// The statistic's next value. Takes effect only in the step of the player that owns this layer.
  virtual void update_statistic(const Tensor& statistic, const Tensor& next) = 0;
  /// Adds F[] to what the player that owns this layer minimises, in that player's own steps; a frozen layer's penalty moves what is below it.
  /// In other players' steps and in evaluation it counts nothing. A penalty that belongs to a batch is a mean over its samples, as a loss is.
  virtual void add_penalty(const Tensor& penalty) = 0;
  /// Uniform numbers in [0, 1), fresh each step and different for each call, layer and player.
  virtual Tensor random_uniform(const Shape& shape) = 0;
  /// Standard normal numbers, likewise.
  virtual Tensor random_normal(const Shape& shape) = 0;
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

/// The initializer that the parameter `name` (of `initializer_parameter`) asks for, for a weight with these fans: how many inputs a unit sums up, and
/// how many units an input reaches.
GENERALIZER_EXPORT Initializer chosen_initializer(const LayerBuilder& layer, const std::string& name,
                                                  std::int64_t fan_in, std::int64_t fan_out);

/// The `activation` parameter that layers share: one of `activation_names`; default "linear".
GENERALIZER_EXPORT ParameterSpec activation_parameter();
/// Names that `apply_activation` knows: linear, relu, leaky_relu, elu, gelu, gelu_tanh, silu, sigmoid, tanh, softplus, hard_swish, softmax.
GENERALIZER_EXPORT const std::vector<std::string>& activation_names();
/// What only some activations look at.
struct ActivationOptions {
  double slope = 0.01;    ///< leaky_relu below 0
  double alpha = 1.0;     ///< elu below 0: alpha·(eˣ − 1)
  std::int64_t axis = 1;  ///< softmax; from the end where negative
};
/// Applies an activation by name. Throws `Error` for an unknown one.
GENERALIZER_EXPORT Tensor apply_activation(const std::string& name, const Tensor& x,
                                           const ActivationOptions& options = {});
/// Applies the layer's `activation` parameter.
GENERALIZER_EXPORT Tensor apply_activation(const LayerBuilder& layer, const Tensor& x);

}  // namespace generalizer
