#include "cases.h"

#include <fstream>
#include <string>

#include "generalizer/registry.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/safetensors.h"

namespace generalizer::test {
namespace {

using nlohmann::json;

const std::string folder = project_folder() + "/tests/onnx/";

/// A tensor of the fixture by its number.
const Array& tensor(const std::string& number) {
  static const Arrays all = [] {
    Arrays arrays;
    for (const NamedTensor& stored : read_safetensors(folder + "cases.safetensors").tensors) {
      Array array(stored.type);
      std::memcpy(array.host().data, stored.bytes.data(), stored.bytes.size());
      arrays.emplace(stored.name, std::move(array));
    }
    return arrays;
  }();
  return all.at(number);
}

/// Layers and losses as their plugins bring them.
const Registry& registry() {
  static Registry loaded;
  static const bool once = [] {
    for (const char* plugin : {"/layers.so", "/losses.so"})
      load_plugin(plugin_folder() + plugin, loaded);
    return true;
  }();
  static_cast<void>(once);
  return loaded;
}

/// A type by its name in the fixture; "float" is the one that the program is made in.
DType dtype_of(const std::string& name, DType floating) {
  if (name == "float") return floating;
  for (const DType dtype : {DType::f32, DType::f64, DType::i32, DType::i64, DType::u8}) {
    if (name == name_of(dtype)) return dtype;
  }
  throw Error("the fixture has the type \"" + name + "\"");
}

Attributes attributes_of(const json& table, DType floating) {
  Attributes attributes;
  for (const auto& [name, value] : table.items()) {
    if (value.is_array()) {
      const bool whole = value.empty() || value.front().is_number_integer();
      attributes.set(name, whole ? AttributeValue(value.get<std::vector<std::int64_t>>())
                                 : value.get<std::vector<double>>());
    } else if (value.is_number_integer()) {
      attributes.set(name, value.get<std::int64_t>());
    } else if (value.is_number()) {
      attributes.set(name, value.get<double>());
    } else {
      attributes.set(name, name == "dtype" ? name_of(dtype_of(value, floating)) : value.get<std::string>());
    }
  }
  return attributes;
}

ParameterValue parameter_of(const json& value) {
  if (value.is_boolean()) return value.get<bool>();
  if (value.is_number_integer()) return value.get<std::int64_t>();
  if (value.is_number()) return value.get<double>();
  if (value.is_string()) return value.get<std::string>();
  if (value.front().is_number_integer()) return value.get<std::vector<std::int64_t>>();
  return value.get<std::vector<double>>();
}

Parameters parameters_of(const std::vector<ParameterSpec>& specs, const json& given) {
  Parameters parameters;
  for (const ParameterSpec& spec : specs) {
    if (given.contains(spec.name)) {
      parameters.set(spec.name, parameter_of(given.at(spec.name)));
    } else if (spec.default_value) {
      parameters.set(spec.name, *spec.default_value);
    }
  }
  for (const auto& [name, value] : given.items()) {
    if (!parameters.has(name)) throw Error("the fixture gives the unknown parameter \"" + name + "\"");
  }
  return parameters;
}

/// A layer whose weights and statistics are values of the case.
class CaseLayer final : public LayerBuilder {
 public:
  CaseLayer(Program& program, std::span<const Tensor> inputs, Parameters parameters,
            std::map<std::string, Tensor> owned, bool training)
      : program_(program),
        inputs_(inputs),
        parameters_(std::move(parameters)),
        owned_(std::move(owned)),
        training_(training) {}

  std::span<const Tensor> inputs() const override { return inputs_; }
  const Parameters& parameters() const override { return parameters_; }
  bool training() const override { return training_; }
  bool frozen() const override { return false; }
  Program& program() override { return program_; }
  Tensor weight(const std::string& name, const Shape& shape, const Initializer&) override {
    return own(name, shape);
  }
  Tensor statistic(const std::string& name, const Shape& shape, double) override { return own(name, shape); }
  void add_penalty(const Tensor&) override {}
  void update_statistic(const Tensor&, const Tensor&) override {
    throw Error("no case has a layer whose statistics move");
  }
  Tensor random_uniform(const Shape&) override { throw Error("no case has random numbers"); }
  Tensor random_normal(const Shape&) override { throw Error("no case has random numbers"); }
  [[noreturn]] void fail(const std::string& message, const std::string&) const override {
    throw Error(message);
  }
  [[noreturn]] void fail_at(const std::string& parameter, const std::string& message,
                            const std::string&) const override {
    throw Error(parameter + ": " + message);
  }

 private:
  Tensor own(const std::string& name, const Shape& shape) const {
    const auto found = owned_.find(name);
    if (found == owned_.end()) throw Error("the case does not give the layer's \"" + name + "\"");
    if (found->second.shape() != shape) {
      throw Error("the case gives the layer's \"" + name + "\" as " + found->second.shape().to_string() +
                  " and it is " + shape.to_string());
    }
    return found->second;
  }

  Program& program_;
  std::span<const Tensor> inputs_;
  Parameters parameters_;
  std::map<std::string, Tensor> owned_;
  bool training_;
};

/// Builds one node after the other; values are known by their numbers in the fixture.
class CaseProgram {
 public:
  CaseProgram(OnnxCase& made, DType floating) : made_(made), floating_(floating) {}

  void add_input(const json& input) {
    const std::string name = "x" + input.at("value").dump();
    const Array& stored = tensor(input.at("tensor"));
    const DType dtype = dtype_of(input.at("dtype"), floating_);
    made_.given[name] = dtype == stored.type().dtype ? stored : stored.as(dtype);
    values_[input.at("value")] =
        Tensor(made_.program, made_.program.add_input(name, {dtype, stored.shape()}));
  }

  void add_node(const json& node) {
    std::vector<Tensor> inputs;
    for (const json& id : node.at("inputs")) inputs.push_back(values_.at(id));
    const std::vector<Tensor> results = build(node, inputs);
    for (std::size_t i = 0; i < node.at("outputs").size(); ++i)
      values_[node.at("outputs").at(i)] = results.at(i);
  }

  void add_output(const json& output) {
    made_.program.add_output(std::to_string(made_.expected.size()), values_.at(output.at("value")).id());
    made_.expected.push_back(tensor(output.at("tensor")));
  }

 private:
  std::vector<Tensor> build(const json& node, const std::vector<Tensor>& inputs) {
    if (node.contains("op")) return build_op(node, inputs);
    if (node.contains("layer")) return {build_layer(node, inputs)};
    if (node.contains("loss")) {
      const LossType& type = *registry().find_loss(node.at("loss"));
      return {type.build(
          {inputs[0], inputs[1], parameters_of(type.parameters, node.value("parameters", json::object()))})};
    }
    const json options = node.value("options", json::object());
    return {apply_activation(
        node.at("activation"), inputs[0],
        {.slope = options.value("slope", 0.01), .alpha = options.value("alpha", 1.0), .axis = 1})};
  }

  std::vector<Tensor> build_op(const json& node, const std::vector<Tensor>& inputs) {
    const OpDefinition* op = find_builtin_op(node.at("op"));
    if (op == nullptr) throw Error("there is no op \"" + node.at("op").get<std::string>() + "\"");
    const Attributes attributes = attributes_of(node.value("attributes", json::object()), floating_);
    if (!inputs.empty()) return apply_all(*op, inputs, attributes);
    // Without an operand there is none to tell the program.
    const NodeId id = made_.program.add_node(*op, {}, attributes);
    return {Tensor(made_.program, made_.program.node(id).outputs.front())};
  }

  Tensor build_layer(const json& node, const std::vector<Tensor>& inputs) {
    const LayerType& type = *registry().find_layer(node.at("layer"));
    std::map<std::string, Tensor> owned;
    const json weights = node.value("weights", json::object());
    for (const auto& [name, id] : weights.items()) owned[name] = values_.at(id);
    CaseLayer layer(made_.program, inputs,
                    parameters_of(type.parameters, node.value("parameters", json::object())),
                    std::move(owned), node.value("training", true));
    return type.build(layer);
  }

  OnnxCase& made_;
  DType floating_;
  std::map<std::int64_t, Tensor> values_;
};

}  // namespace

const json& onnx_document() {
  static const json parsed = [] {
    std::ifstream stream(folder + "cases.json");
    if (!stream) throw Error("tests/onnx/cases.json can't be read");
    return json::parse(stream);
  }();
  return parsed;
}

OnnxCase build_onnx_case(const json& entry, DType floating) {
  OnnxCase made{Program(entry.at("name").get<std::string>()), {}, {}};
  CaseProgram program(made, floating);
  for (const json& input : entry.at("inputs")) program.add_input(input);
  for (const json& node : entry.at("nodes")) program.add_node(node);
  for (const json& output : entry.at("outputs")) program.add_output(output);
  made.program.verify();
  return made;
}

}  // namespace generalizer::test
