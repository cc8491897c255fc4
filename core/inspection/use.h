#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "config/document.h"
#include "generalizer/registry.h"

namespace generalizer {

/// Row-major numbers by the name of an input, variable or output.
using Numbers = std::map<std::string, std::vector<double>>;

/// A program with a type's forward pass in it, and numbers to run it on.
struct Built {
  std::unique_ptr<Program> program = std::make_unique<Program>("trial");
  std::vector<Tensor> outputs;         ///< what comes out; gradients come back through all of them
  std::vector<std::pair<std::string, Tensor>> states;  ///< what statistics become, by the statistic's name
  std::vector<Tensor> differentiable;  ///< inputs and weights that gradients are asked for; empty: none are
  Numbers values;                      ///< of every input and variable
};

enum class Mode : std::uint8_t { training, evaluation, frozen };

/// How a use is built: what a graph could ask of the same type without changing its parameters.
struct Circumstances {
  DType floating = DType::f64;
  std::int64_t batch = 2;
  Mode mode = Mode::training;
  std::uint64_t stream = 1;  ///< of the numbers in `Built::values`: another stream, another point
};

/// One way of using a type: with certain parameters, on operands of certain shapes.
struct Use {
  TomlNode table;          ///< the parameters that are given: { filters = 32, kernel = 3 }
  Parameters parameters;   ///< the same, read, with the defaults of the others
  std::string operands;    ///< `images N×1×28×28`
  std::int64_t size = 0;   ///< numbers that it takes for one image, to find a small use
  bool modes = false;      ///< whether training and evaluation may differ
  /// Builds the type with such parameters (the use's own, or others). Throws `GraphError` for what the type refuses, `PluginFault` where the plugin
  /// itself fails.
  std::function<Built(const Parameters&, const Circumstances&)> build;

  Built built(const Circumstances& circumstances = {}) const { return build(parameters, circumstances); }
  /// `images N×1×28×28 with { filters = 32, kernel = 3 }`
  std::string text() const { return operands + (table.entries.empty() ? "" : " with " + to_text(table)); }
};

/// The use that takes the fewest numbers.
const Use& smallest(const std::vector<Use>& uses);

/// Numbers of the element type, for the kind of value that it is: floating ones in ±[0.05, 1), integers below `classes`. The same name and stream
/// give the same numbers, each exact in f32.
std::vector<double> made_up(const TensorType& type, const std::string& name, std::uint64_t stream,
                            std::int64_t classes = 4);

/// A use that somebody wrote down, for layers that the made-up ones don't fit.
struct WrittenCase {
  std::string layer;  ///< its type
  TomlNode table;     ///< of the parameters
  Parameters parameters;
  std::vector<Shape> inputs;  ///< without the batch
};
/// Reads a file of tables [[case]] with `layer = { type = "patches", size = 4 }` and `inputs = [[3, 32, 32]]`, the shapes without the batch. Throws
/// `GraphError` with every mistake.
std::vector<WrittenCase> read_cases(const std::string& path, const Registry& registry);

/// Where the layer can be used: on typical inputs with the parameters of its example, as far as it takes them, and as the cases of its type say.
std::vector<Use> uses_of(const LayerType& type, const std::vector<WrittenCase>& cases);
/// What the layer says of the first typical input that it refuses, and what its author can do; "" when it takes all of them.
std::string refusal_of(const LayerType& type);
std::vector<Use> uses_of(const LossType& type);
/// The update of one weight.
std::vector<Use> uses_of(const OptimizerType& type);
/// As layers, losses and optimizers build it, forward and in the backward pass: with the types and attributes that they give it, on the numbers that
/// reach it there by the reference kernels, rounded to f32. At most four different ones.
std::vector<Use> uses_of(const OpDefinition& op, const std::vector<Use>& others, const BackendType& reference);

}  // namespace generalizer
