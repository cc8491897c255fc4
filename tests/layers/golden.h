#pragma once

#include <fstream>
#include <nlohmann/json.hpp>

#include "places.h"
#include "support/layer_harness.h"

/// The layers' values as PyTorch computes them in f64: layers.json was made by tests/golden/layers.py, which says what a case holds.
namespace generalizer::test {

inline Array array_of(const nlohmann::json& entry) {
  return f64(Shape(entry.at("shape").get<std::vector<std::int64_t>>()),
             entry.at("numbers").get<std::vector<double>>());
}

inline std::vector<Given> given_of(const nlohmann::json& parameters) {
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

inline std::vector<Shape> input_shapes(const nlohmann::json& entry) {
  std::vector<Shape> shapes;
  for (const nlohmann::json& input : entry.at("inputs")) shapes.push_back(array_of(input).shape());
  return shapes;
}

/// Gives the layer the case's inputs and weights.
inline void fill(LayerHarness& layer, const nlohmann::json& entry) {
  const auto set = [&](const std::string& name, const Array& value) {
    Array& place = layer.values.at(name);
    REQUIRE(place.shape() == value.shape());
    place = value.as(place.type().dtype);
  };
  for (std::size_t i = 0; i < entry.at("inputs").size(); ++i)
    set("x" + std::to_string(i), array_of(entry.at("inputs").at(i)));
  for (const auto& [name, value] : entry.at("weights").items()) set(name, array_of(value));
}

inline nlohmann::json read_cases() {
  std::ifstream stream(project_folder() + "/tests/golden/layers.json");
  REQUIRE(stream.good());
  return nlohmann::json::parse(stream).at("cases");
}

}  // namespace generalizer::test
