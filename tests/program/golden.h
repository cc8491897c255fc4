#pragma once

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "places.h"
#include "support/evaluate.h"

/// The cases of tests/golden/ops.json, which PyTorch has computed (tests/golden/ops.py says what a case holds).
namespace generalizer::test {

inline Array array_of(const nlohmann::json& tensor) {
  const DType dtype = tensor.at("dtype") == "i32" ? DType::i32 : DType::f64;
  return {{dtype, Shape(tensor.at("shape").get<std::vector<std::int64_t>>())},
          tensor.at("data").get<std::vector<double>>()};
}

inline Attributes attributes_of(const nlohmann::json& table) {
  Attributes attributes;
  for (const auto& [name, value] : table.items()) {
    if (value.is_array()) {
      attributes.set(name, value.get<std::vector<std::int64_t>>());
    } else if (value.is_number_integer()) {
      attributes.set(name, value.get<std::int64_t>());
    } else {
      attributes.set(name, value.get<double>());
    }
  }
  return attributes;
}

inline void require_close(const Array& found, const Array& expected, double tolerance) {
  REQUIRE(found.type() == expected.type());
  double scale = 0.0;
  for (const double number : expected.numbers()) scale = std::max(scale, std::abs(number));
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i << " is " << found.get(i) << " and should be " << expected.get(i));
    REQUIRE(std::abs(found.get(i) - expected.get(i)) <= tolerance * scale);
  }
}

/// As array_of, with floating numbers in `floating`.
inline Array array_in(DType floating, const nlohmann::json& tensor) {
  const Array array = array_of(tensor);
  return is_floating(array.type().dtype) ? array.as(floating) : array;
}

/// Runs one case in f32 or f64: its results, and its gradients where it has them, to `tolerance` of the largest
/// element.
inline void check_golden_case(const OpDefinition& op, const nlohmann::json& entry, DType floating,
                              double tolerance) {
  Program program("golden");
  std::vector<Array> operands;
  for (const nlohmann::json& operand : entry.at("operands")) operands.push_back(array_in(floating, operand));
  const std::vector<Tensor> inputs = add_operands(program, operands);
  const std::vector<Tensor> results = apply_all(op, inputs, attributes_of(entry.at("attributes")));
  Arrays given = bind_operands(operands);
  std::map<std::string, nlohmann::json> expected;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (entry.at("results").at(i).is_null()) continue;
    expected["result " + std::to_string(i)] = entry.at("results").at(i);
    program.add_output("result " + std::to_string(i), results[i].id());
  }
  if (entry.contains("output_gradient")) {
    given["output gradient"] = array_in(floating, entry.at("output_gradient"));
    const Node node = program.node(0);  // a copy: the rule appends nodes
    GradientContext context{program, node, inputs, results, std::vector<Tensor>(results.size()), {}};
    context.output_gradients[0] =
        Tensor(program, program.add_input("output gradient", given["output gradient"].type()));
    for (const nlohmann::json& gradient : entry.at("gradients"))
      context.wanted.push_back(!gradient.is_null());
    const std::vector<Tensor> gradients = node.op->gradient(context);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
      if (!context.wanted[i]) continue;
      expected["gradient " + std::to_string(i)] = entry.at("gradients").at(i);
      program.add_output("gradient " + std::to_string(i), gradients.at(i).id());
    }
  }
  program.verify();
  const Arrays found = evaluate(program, given);
  for (const auto& [name, tensor] : expected) {
    INFO(name);
    require_close(found.at(name), array_in(floating, tensor), tolerance);
  }
}

/// Runs every case of the op in both floating types (the operands are exact in f32); fails when there is none.
inline void check_golden(const OpDefinition& op) {
  std::ifstream file(project_folder() + "/tests/golden/ops.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  int cases = 0;
  for (const nlohmann::json& entry : golden.at("cases")) {
    if (entry.at("op") != op.name) continue;
    INFO(op.name << ", case " << cases << ", " << entry.at("attributes").dump());
    check_golden_case(op, entry, DType::f64, 1e-12);
    check_golden_case(op, entry, DType::f32, 2e-6);
    ++cases;
  }
  REQUIRE(cases > 0);
}

}  // namespace generalizer::test
