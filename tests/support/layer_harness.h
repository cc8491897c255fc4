#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <vector>

#include "autodiff/autodiff.h"
#include "catch.h"
#include "generalizer/layer.h"
#include "generalizer/registry.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/evaluate.h"
#include "support/gradient_check.h"

/// One layer of the `layers` plugin in a program of its own, in f64 where nothing else is said, run by the reference kernels.
namespace generalizer::test {

/// A parameter as a graph file would give it.
struct Given {
  Given(std::string key, int v) : name(std::move(key)), value(std::int64_t{v}) {}
  Given(std::string key, double v) : name(std::move(key)), value(v) {}
  Given(std::string key, bool v) : name(std::move(key)), value(v) {}
  Given(std::string key, const char* v) : name(std::move(key)), value(std::string(v)) {}
  Given(std::string key, std::vector<std::int64_t> v) : name(std::move(key)), value(std::move(v)) {}
  Given(std::string key, Parameters table)
      : name(std::move(key)), value(std::vector<Parameters>{std::move(table)}) {}
  std::string name;
  ParameterValue value;
};

inline const Registry& layer_registry() {
  static Registry registry;
  if (registry.layer_names().empty())
    load_plugin(plugin_folder() + "/layers.so", registry);
  return registry;
}

/// A type's parameters with its defaults filled in.
inline Parameters parameters_of(const std::vector<ParameterSpec>& specs, const std::vector<Given>& given) {
  Parameters parameters;
  for (const ParameterSpec& spec : specs) {
    const auto found =
        std::find_if(given.begin(), given.end(), [&](const Given& g) { return g.name == spec.name; });
    if (found != given.end()) {
      parameters.set(spec.name, found->value);
    } else if (spec.default_value) {
      parameters.set(spec.name, *spec.default_value);
    } else if (!spec.optional) {
      throw Error("the test does not give the parameter \"" + spec.name + "\"");
    }
  }
  for (const Given& g : given) {
    if (!parameters.has(g.name)) throw Error("the test gives an unknown parameter \"" + g.name + "\"");
  }
  return parameters;
}

/// Builds the layer when it is made. Inputs are "x0", "x1", …; weights and statistics are variables under their
/// local names, filled with fixed random numbers that `values` holds and a test may change.
class LayerHarness final : public LayerBuilder {
 public:
  enum class Mode { training, evaluation, frozen };  ///< frozen: training with `freeze = true`

  LayerHarness(const std::string& type, const std::vector<Given>& given, const std::vector<Shape>& shapes,
               Mode mode = Mode::training, DType floating = DType::f64)
      : floating_(floating),
        parameters_(parameters_of(layer_registry().find_layer(type)->parameters, given)),
        training_(mode != Mode::evaluation),
        frozen_(mode == Mode::frozen) {
    for (const Shape& shape : shapes) {
      const std::string name = "x" + std::to_string(inputs_.size());
      inputs_.emplace_back(program_, program_.add_input(name, {floating_, shape}));
      values[name] = random_off_zero(shape, 100 + inputs_.size()).as(floating_);
    }
    output = layer_registry().find_layer(type)->build(*this);
  }

  Tensor output;
  std::vector<Tensor> penalties;
  std::map<std::string, Initializer> weights;
  std::map<std::string, double> statistics;  ///< by name, what they begin with
  Arrays values;

  std::span<const Tensor> inputs() const override { return inputs_; }
  const Parameters& parameters() const override { return parameters_; }
  bool training() const override { return training_; }
  Program& program() override { return program_; }

  Tensor weight(const std::string& name, const Shape& shape, const Initializer& initializer) override {
    weights[name] = initializer;
    values[name] = random_off_zero(shape, stream_of(name.c_str())).as(floating_);
    return {program_, program_.add_variable(name, {floating_, shape})};
  }
  Tensor statistic(const std::string& name, const Shape& shape, double initial_value) override {
    statistics[name] = initial_value;
    values[name] = random_array(shape, stream_of(name.c_str()), 0.5, 2.0).as(floating_);
    return {program_, program_.add_variable(name, {floating_, shape})};
  }
  void update_statistic(const Tensor& statistic, const Tensor& next) override {
    program_.assign(statistic.id(), next.id());
  }
  void add_penalty(const Tensor& penalty) override { penalties.push_back(penalty); }
  Tensor random_uniform(const Shape& shape) override {
    values["step"] = i64({}, {1});
    const Tensor step(program_, program_.add_variable("step", {DType::i64, {}}));
    return generalizer::random_uniform(step, {floating_, shape}, 7, random_calls_++);
  }
  Tensor random_normal(const Shape& shape) override {
    values["step"] = i64({}, {1});
    const Tensor step(program_, program_.add_variable("step", {DType::i64, {}}));
    return generalizer::random_normal(step, {floating_, shape}, 7, random_calls_++);
  }
  bool frozen() const override { return frozen_; }
  /// The message begins with the parameter's name, where it is at one.
  [[noreturn]] void fail(const std::string& message, const std::string& hint) const override {
    throw GraphError({}, message, hint);
  }
  [[noreturn]] void fail_at(const std::string& parameter, const std::string& message,
                            const std::string& hint) const override {
    throw GraphError({parameter, 0, 0, {}}, message, hint);
  }

  /// The layer's output; statistics in `values` move.
  Array run() {
    Program program = program_;
    program.add_output("y", output.id());
    program.verify();
    return evaluate(program, values).at("y");
  }

  /// The layer with its output "y" and, of Σ output·cotangent, the gradients by every input and weight, as "dx0" and "dkernel"; "cotangent" is an
  /// input.
  Program derivative() const {
    Program program = program_;
    const Tensor y(program, output.id());
    const Tensor weight_of_each(program, program.add_input("cotangent", y.type()));
    const Tensor loss = reduce_sum(y * weight_of_each, {});
    std::vector<Tensor> wanted;
    for (const Tensor& x : inputs_) wanted.emplace_back(program, x.id());
    for (const auto& [name, initializer] : weights) wanted.emplace_back(program, *program.find_variable(name));
    const std::vector<Tensor> derived = gradients(loss, wanted);
    program.add_output("y", y.id());
    for (std::size_t i = 0; i < wanted.size(); ++i)
      program.add_output("d" + program.value(wanted[i].id()).name, derived[i].id());
    program.verify();
    return program;
  }

  /// What `derivative` computes by the reference kernels.
  Arrays derive(const Array& cotangent) const {
    Arrays given = values;
    given["cotangent"] = cotangent;
    return evaluate(derivative(), given);
  }

  /// Every input's and weight's gradient against differences; the loss weighs each output element by a fixed random
  /// number.
  void check_gradient(double tolerance = 1e-7) {
    const Tensor cotangent(program_, program_.add_input("cotangent", output.type()));
    values["cotangent"] = random_array(output.shape(), 5);
    const Tensor loss = reduce_sum(output * cotangent, {});
    std::vector<Tensor> wanted;
    std::vector<GradientOutput> outputs;
    for (const Tensor& x : inputs_) wanted.push_back(x);
    for (const auto& [name, initializer] : weights)
      wanted.emplace_back(program_, *program_.find_variable(name));
    const std::vector<Tensor> derived = gradients(loss, wanted);
    for (std::size_t i = 0; i < wanted.size(); ++i) {
      const std::string name = program_.value(wanted[i].id()).name;
      program_.add_output("d" + name, derived[i].id());
      outputs.push_back({name, "d" + name});
    }
    program_.add_output("loss", loss.id());
    program_.verify();
    check_gradients(program_, values, "loss", outputs, tolerance);
  }

 private:
  DType floating_;
  Program program_;
  Parameters parameters_;
  bool training_;
  bool frozen_;
  std::vector<Tensor> inputs_;
  std::uint64_t random_calls_ = 0;
};

/// What the layer says when it is built on these shapes.
inline std::string refusal(const std::string& type, const std::vector<Given>& given,
                           const std::vector<Shape>& shapes) {
  try {
    const LayerHarness layer(type, given, shapes);
  } catch (const GraphError& error) {
    return error.what();
  }
  FAIL("the layer was built");
  return {};
}

}  // namespace generalizer::test
