// The optimisers' steps against PyTorch's: optimizers.json was made by tests/golden/optimizers.py (float64).
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "generalizer/memory_plan.h"
#include "generalizer/optimizer.h"
#include "places.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

const OptimizerType& optimizer(const std::string& name) {
  static Registry registry;
  if (registry.optimizer_names().empty())
    load_plugin(plugin_folder() + "/optimizers.so", registry);
  REQUIRE(registry.find_optimizer(name) != nullptr);
  return *registry.find_optimizer(name);
}

/// One update of a weight f64[3] as a program; `values` goes from step to step.
class Update final : public OptimizerBuilder {
 public:
  Update(const std::string& type, const std::vector<Given>& given)
      : parameters_(parameters_of(optimizer(type).parameters, given)) {
    values["weight"] = Array({DType::f64, {3}});
    values["learning_rate"] = f64({}, {parameters_.number("learning_rate")});
    values["gate"] = f64({}, {1});
    program.assign(weight().id(), optimizer(type).build(*this).id());
    program.verify();
  }

  mutable Program program;  ///< getters that are const hand out its values
  Arrays values;

  const Parameters& parameters() const override { return parameters_; }
  Tensor weight() const override { return variable("weight", {DType::f64, {3}}); }
  Tensor gradient() const override { return variable("gradient", {DType::f64, {3}}); }
  Tensor step() const override { return variable("step", {DType::i64, {}}); }
  Tensor learning_rate() const override { return variable("learning_rate", {DType::f64, {}}); }
  Tensor gate() const override { return variable("gate", {DType::f64, {}}); }
  Tensor moment(const std::string& name) override {
    values[name] = Array({DType::f64, {3}});
    return variable(name, {DType::f64, {3}});
  }
  void update_moment(const Tensor& moment, const Tensor& next) override {
    program.assign(moment.id(), next.id());
  }

  void run(int step, const std::vector<double>& gradient) {
    values["step"] = i64({}, {static_cast<double>(step)});
    values["gradient"] = f64({3}, gradient);
    evaluate(program, values);
  }

 private:
  Tensor variable(const std::string& name, const TensorType& type) const {
    return {program, program.add_variable(name, type)};
  }
  Parameters parameters_;
};

std::vector<Given> given_of(const json& parameters) {
  std::vector<Given> given;
  for (const auto& [name, value] : parameters.items()) {
    if (value.is_boolean()) {
      given.emplace_back(name, value.get<bool>());
    } else {
      given.emplace_back(name, value.get<double>());
    }
  }
  return given;
}

}  // namespace

TEST_CASE("optimisers step as PyTorch's do") {
  std::ifstream stream(project_folder() + "/tests/golden/optimizers.json");
  REQUIRE(stream.good());
  const json golden = json::parse(stream);
  for (const json& entry : golden.at("cases")) {
    INFO(entry.at("type") << " " << entry.at("parameters"));
    Update update(entry.at("type"), given_of(entry.at("parameters")));
    update.values["weight"] = f64({3}, golden.at("start").get<std::vector<double>>());
    for (std::size_t s = 0; s < entry.at("path").size(); ++s) {
      update.run(static_cast<int>(s) + 1, golden.at("gradients")[s].get<std::vector<double>>());
      for (std::size_t i = 0; i < 3; ++i) {
        REQUIRE(update.values.at("weight").get(i) ==
                Approx(entry.at("path")[s][i].get<double>()).epsilon(1e-13));
      }
    }
  }
}

TEST_CASE("with the gate shut nothing moves, whatever the gradient") {
  for (const auto& [type, given] : std::vector<std::pair<std::string, std::vector<Given>>>{
           {"sgd", {}}, {"sgd", {{"momentum", 0.9}}}, {"rmsprop", {}}, {"adam", {}}, {"adamw", {}}}) {
    INFO(type);
    Update update(type, given);
    update.run(1, {1, 2, 3});
    Arrays before = update.values;
    update.values["gate"] = f64({}, {0});
    update.run(2, {std::nan(""), 1, 1e300});
    for (const char* name : {"weight", "momentum", "rmsprop_square", "adam_m", "adam_v"}) {
      if (before.contains(name)) CHECK(update.values.at(name) == before.at(name));
    }
  }
}

TEST_CASE("updates are made in the memory of weight and moments, without a copy") {
  CHECK(place_values(Update("sgd", {}).program).copies.empty());
  CHECK(place_values(Update("sgd", {{"momentum", 0.9}}).program).copies.empty());
  CHECK(place_values(Update("adam", {}).program).copies.empty());
}
