#include <algorithm>

#include "catalogue/example.h"
#include "catalogue/trial.h"
#include "graph/layer_builder.h"
#include "inspection/finding.h"
#include "inspection/use.h"
#include "lower/steps.h"

namespace generalizer {
namespace {

Shape with_batch(const Shape& shape, std::int64_t batch) {
  std::vector<std::int64_t> extents = {batch};
  extents.insert(extents.end(), shape.begin(), shape.end());
  return Shape(extents);
}

/// Where a weight begins, with a little of everything added, so that none stays 0 and none is too large for its fan-in.
std::vector<double> weight_numbers(const LayerVariable& variable, const std::string& name, std::uint64_t stream) {
  const VariableDeclaration declaration{name, variable.value.type(), VariableRole::weight, "", variable.initializer};
  std::vector<double> numbers = initial_values(declaration, stream);
  const std::vector<double> noise = made_up(variable.value.type(), name, stream);
  for (std::size_t i = 0; i < numbers.size(); ++i) numbers[i] = static_cast<float>(numbers[i] + 0.1 * noise[i]);
  return numbers;
}

/// Running means and variances must be positive where they are variances; nothing tells which are.
std::vector<double> statistic_numbers(const TensorType& type, const std::string& name, std::uint64_t stream) {
  std::vector<double> numbers = made_up(type, name, stream);
  for (double& x : numbers) x = static_cast<float>(1.25 + 0.75 * x);
  return numbers;
}

/// More numbers than a check should make up; extents beyond what a machine has are not multiplied out.
bool too_large(const Shape& shape) {
  double numbers = 1.0;
  for (const std::int64_t extent : shape) numbers *= static_cast<double>(extent);
  return numbers > 1 << 24;
}

class LayerUse {
 public:
  LayerUse(const LayerType& type, std::vector<Shape> inputs) : type_(type), inputs_(std::move(inputs)) {}

  Built operator()(const Parameters& parameters, const Circumstances& c) const {
    Built built;
    Program& program = *built.program;
    std::vector<LayerInput> inputs;
    for (const Shape& shape : inputs_) {
      const std::string name = "x" + std::to_string(inputs.size());
      const TensorType type{c.floating, with_batch(shape, c.batch)};
      inputs.push_back({Tensor(program, program.add_input(name, type)), "the input " + name});
      built.differentiable.push_back(inputs.back().value);
      built.values[name] = made_up(type, name, c.stream);
    }
    LayerSpec spec;
    spec.name.text = type_.name + "1";
    spec.type.text = type_.name;
    spec.parameters = parameters;
    spec.freeze = c.mode == Mode::frozen;
    const LayerContext context{program,    "classifier", "classifier", "classifier/step",
                               c.floating, 0,            c.mode != Mode::evaluation};
    const BuiltLayer layer = build_layer(context, spec, type_, inputs);
    built.outputs = {layer.output};
    for (const LayerVariable& variable : layer.variables) {
      const std::string& name = variable.name;
      if (too_large(variable.value.shape())) continue;  // to be built, not to be run
      built.values[name] = variable.trained ? weight_numbers(variable, name, c.stream)
                                            : statistic_numbers(variable.value.type(), name, c.stream);
      if (variable.trained) built.differentiable.push_back(variable.value);
    }
    for (const auto& [statistic, next] : layer.statistic_updates) built.states.emplace_back(program.value(statistic.id()).name, next);
    if (program.find_variable("classifier/step")) built.values["classifier/step"] = {1.0};
    return built;
  }

 private:
  const LayerType& type_;
  std::vector<Shape> inputs_;
};

std::string operands_text(const std::string& what, const std::vector<Shape>& inputs) {
  std::string text = what;
  for (const Shape& shape : inputs) text += (text == what ? (what.empty() ? "N×" : " N×") : " and N×") + shape.to_string();
  return text;
}

Use use_of(const LayerType& type, const std::string& what, const std::vector<Shape>& inputs, TomlNode table,
           Parameters parameters) {
  Use use{std::move(table), std::move(parameters), operands_text(what, inputs), 0, true, LayerUse(type, inputs)};
  for (const Shape& shape : inputs) use.size += shape.elements();
  return use;
}

Use typical_use(const LayerType& type, const TypicalInput& input) {
  const TomlNode table = table_of(example_parameters(type, input.shape));
  const std::size_t inputs = std::max<std::size_t>(type.minimum_inputs, 1);
  return use_of(type, input.what, std::vector<Shape>(inputs, input.shape), table, read_keys(table, type.parameters));
}

}  // namespace

std::vector<Use> uses_of(const LayerType& type, const std::vector<WrittenCase>& cases) {
  std::vector<Use> uses;
  for (const WrittenCase& written : cases) {
    if (written.layer == type.name) uses.push_back(use_of(type, "", written.inputs, written.table, written.parameters));
  }
  for (const TypicalInput& input : typical_inputs()) {
    Use use = typical_use(type, input);
    try {
      (void)use.built();
      uses.push_back(std::move(use));
    } catch (const Error&) {
      // not for such inputs
    }
  }
  return uses;
}

std::string refusal_of(const LayerType& type) {
  for (const TypicalInput& input : typical_inputs()) {
    try {
      (void)typical_use(type, input).built();
    } catch (const PluginFault& fault) {
      return text_of(fault);
    } catch (const Error& refusal) {
      return "It says: " + text_of(refusal) + " Write down how it is used in a file of [[case]] tables, and name it with --cases.";
    }
  }
  return {};
}

}  // namespace generalizer
