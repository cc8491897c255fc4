// The layers' values against PyTorch's: layers.json was made by tests/golden/layers.py (float64).
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

Array array_of(const json& entry) {
  return f64(Shape(entry.at("shape").get<std::vector<std::int64_t>>()),
             entry.at("numbers").get<std::vector<double>>());
}

std::vector<Given> given_of(const json& parameters) {
  std::vector<Given> given;
  for (const auto& [name, value] : parameters.items()) {
    if (value.is_boolean()) given.emplace_back(name, value.get<bool>());
    if (value.is_number_integer()) given.emplace_back(name, value.get<int>());
    if (value.is_number_float()) given.emplace_back(name, value.get<double>());
    if (value.is_string()) given.emplace_back(name, value.get<std::string>().c_str());
    if (value.is_array()) given.emplace_back(name, value.get<std::vector<std::int64_t>>());
  }
  return given;
}

void require_close(const Array& found, const Array& expected) {
  REQUIRE(found.type() == expected.type());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i);
    REQUIRE(found.get(i) == Approx(expected.get(i)).epsilon(1e-12).margin(1e-12));
  }
}

/// Gives the layer the case's input and weights.
void fill(LayerHarness& layer, const json& entry) {
  layer.values.at("x0") = array_of(entry.at("x"));
  for (const auto& [name, value] : entry.at("weights").items()) {
    REQUIRE(layer.values.at(name).type() == array_of(value).type());
    layer.values[name] = array_of(value);
  }
}

json read_cases() {
  std::ifstream stream(std::string(GENERALIZER_SOURCE_DIR) + "/tests/golden/layers.json");
  REQUIRE(stream.good());
  return json::parse(stream).at("cases");
}

}  // namespace

TEST_CASE("layers give PyTorch's values") {
  for (const json& entry : read_cases()) {
    INFO(entry.at("type") << " " << entry.at("parameters"));
    LayerHarness layer(entry.at("type"), given_of(entry.at("parameters")), {array_of(entry.at("x")).shape()});
    fill(layer, entry);
    require_close(layer.run(), array_of(entry.at("y")));
  }
}

TEST_CASE("batch_norm moves its running statistics and evaluates with them as PyTorch does") {
  for (const json& entry : read_cases()) {
    if (entry.at("type") != "batch_norm") continue;
    for (const auto mode : {LayerHarness::Mode::training, LayerHarness::Mode::evaluation}) {
      LayerHarness layer("batch_norm", given_of(entry.at("parameters")), {array_of(entry.at("x")).shape()},
                         mode);
      fill(layer, entry);
      for (const char* name : {"mean", "variance"}) layer.values[name] = array_of(entry.at(name));
      const bool training = mode == LayerHarness::Mode::training;
      require_close(layer.run(), array_of(entry.at(training ? "y" : "evaluated")));
      require_close(layer.values.at("mean"), array_of(entry.at(training ? "next_mean" : "mean")));
      require_close(layer.values.at("variance"), array_of(entry.at(training ? "next_variance" : "variance")));
    }
  }
}
