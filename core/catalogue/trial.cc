#include "catalogue/trial.h"

#include <algorithm>
#include <optional>

#include "catalogue/example.h"
#include "graph/layer_builder.h"

namespace generalizer {
namespace {

constexpr std::int64_t kBatch = 2;

Shape without_batch(const Shape& shape) {
  return Shape(std::vector<std::int64_t>(shape.begin() + 1, shape.end()));
}

std::vector<std::string> input_names(std::size_t count) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < count; ++i) names.push_back(std::string(1, static_cast<char>('a' + i % 26)));
  return names;
}

/// Nothing when the layer refuses the input.
std::optional<LayerTrial> try_on(const LayerType& type, const TypicalInput& input) {
  LayerTrial trial{input, std::max<std::size_t>(type.minimum_inputs, 1), {}, {}, {}};
  trial.example = layer_example(type, input.shape, input_names(trial.inputs));
  try {
    LayerSpec spec;
    spec.name.text = type.name + "1";
    spec.type.text = type.name;
    spec.parameters = read_keys(table_of(example_parameters(type, input.shape)), type.parameters);
    Program program("example");
    std::vector<std::int64_t> extents = {kBatch};
    extents.insert(extents.end(), input.shape.begin(), input.shape.end());
    std::vector<LayerInput> inputs;
    for (const std::string& name : input_names(trial.inputs))
      inputs.push_back({Tensor(program, program.add_input(name, {DType::f32, Shape(extents)})), name});
    const LayerContext context{program, "example", "example", "example/step", DType::f32, 0, true};
    const BuiltLayer built = build_layer(context, spec, type, inputs);
    if (built.output.rank() == 0 || built.output.shape()[0] != kBatch) return std::nullopt;
    trial.output = without_batch(built.output.shape());
    for (const LayerVariable& variable : built.variables) {
      const std::string name = variable.name.substr(variable.name.rfind('/') + 1);
      trial.weights.push_back({name, variable.value.shape(), variable.trained});
    }
  } catch (const Error&) {
    return std::nullopt;
  }
  return trial;
}

}  // namespace

const std::vector<TypicalInput>& typical_inputs() {
  static const std::vector<TypicalInput> inputs = {
      {"images", {1, 28, 28}}, {"images", {32, 14, 14}}, {"vectors", {128}}, {"tokens", {16, 64}}};
  return inputs;
}

std::vector<LayerTrial> try_layer(const LayerType& type) {
  std::vector<LayerTrial> trials;
  for (const TypicalInput& input : typical_inputs()) {
    if (auto trial = try_on(type, input)) trials.push_back(std::move(*trial));
  }
  return trials;
}

}  // namespace generalizer
