// Ops against PyTorch: the cases and optimiser sequences of ops.json, which ops.py made, in f64.

#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "autodiff/autodiff.h"
#include "catch.h"
#include "generalizer/ops.h"
#include "places.h"
#include "support/evaluate.h"

namespace generalizer {
namespace {

using nlohmann::json;
using test::Array;

const json& document() {
  static const json parsed = json::parse(std::ifstream(project_folder() + "/tests/golden/ops.json"));
  return parsed;
}

Attributes attributes_of(const json& object) {
  Attributes attributes;
  for (const auto& [name, value] : object.items()) {
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

Array array_of(const json& tensor) {
  const DType dtype = tensor["dtype"] == "i32" ? DType::i32 : DType::f64;
  return {{dtype, Shape(tensor["shape"].get<std::vector<std::int64_t>>())},
          tensor["data"].get<std::vector<double>>()};
}

/// Every element within 1e-11 of PyTorch's, on the scale of the largest: both sides sum in f64, in orders of their own.
void require_equal(const Array& found, const Array& expected) {
  REQUIRE(found.type() == expected.type());
  double scale = 1e-3;
  for (const double number : expected.numbers()) scale = std::max(scale, std::abs(number));
  for (std::size_t i = 0; i < expected.size(); ++i) {
    INFO("element " << i << " is " << found.get(i) << ", PyTorch's is " << expected.get(i));
    REQUIRE(std::abs(found.get(i) - expected.get(i)) <= 1e-11 * scale);
  }
}

/// The op's results, then the gradient by each operand that the case gives one for. The last operand is the output gradient: the loss is
/// the sum of result · output gradient, so that it is the loss's gradient by the result.
std::vector<Tensor> build_case(const json& entry, std::vector<Tensor> operands) {
  std::vector<Tensor> wanted;
  Tensor output_gradient;
  if (entry.contains("gradients")) {
    output_gradient = operands.back();
    operands.pop_back();
    for (std::size_t i = 0; i < operands.size(); ++i)
      if (!entry["gradients"][i].is_null()) wanted.push_back(operands[i]);
  }
  std::vector<Tensor> results =
      apply_all(*find_builtin_op(entry["op"]), operands, attributes_of(entry["attributes"]));
  results.resize(entry["results"].size());
  if (!wanted.empty()) {
    const Tensor product = multiply(results[0], output_gradient);
    const auto found = gradients(product.rank() == 0 ? product : reduce_sum(product, {}), wanted);
    results.insert(results.end(), found.begin(), found.end());
  }
  return results;
}

void check_case(const json& entry) {
  REQUIRE(find_builtin_op(entry["op"]) != nullptr);
  std::vector<Array> operands;
  for (const json& operand : entry["operands"]) operands.push_back(array_of(operand));
  if (entry.contains("gradients")) operands.push_back(array_of(entry["output_gradient"]));
  const auto found = test::compute(operands, [&](const auto& tensors) { return build_case(entry, tensors); });

  std::size_t next = 0;
  for (const json& result : entry["results"]) {
    INFO("result " << next);
    if (!result.is_null()) require_equal(found[next], array_of(result));
    ++next;
  }
  if (!entry.contains("gradients")) return;
  for (std::size_t i = 0; i < entry["gradients"].size(); ++i) {
    INFO("gradient by operand " << i);
    if (!entry["gradients"][i].is_null()) require_equal(found[next++], array_of(entry["gradients"][i]));
  }
}

/// One update of an optimiser op: weight and moments in `state` take their new values.
void update(const json& sequence, std::size_t step, std::vector<Array>& state) {
  const std::string name = sequence["op"];
  std::vector<Array> operands = state;
  operands.insert(operands.begin() + 1, array_of(sequence["gradients"][step]));
  if (name == "adam_update") operands.push_back(test::i64({}, {static_cast<double>(step + 1)}));
  operands.push_back(test::f64({}, {sequence["learning_rate"].get<double>()}));
  operands.push_back(test::f64({}, {1.0}));  // the gate: open
  state = test::compute(operands, [&](const auto& tensors) {
    return apply_all(*find_builtin_op(name), tensors, attributes_of(sequence["attributes"]));
  });
}

TEST_CASE("every op gives PyTorch's results and gradients") {
  for (std::size_t i = 0; i < document()["cases"].size(); ++i) {
    const json& entry = document()["cases"][i];
    DYNAMIC_SECTION(entry["op"].get<std::string>() << ", case " << i << " " << entry["attributes"]) {
      check_case(entry);
    }
  }
}

TEST_CASE("every optimiser moves the weights as PyTorch's does") {
  for (const json& sequence : document()["sequences"]) {
    DYNAMIC_SECTION(sequence["op"].get<std::string>() << " " << sequence["attributes"]) {
      const std::size_t moments = sequence["op"] == "adam_update"       ? 2
                                  : sequence["op"] == "momentum_update" ? 1
                                                                        : 0;
      std::vector<Array> state{array_of(sequence["weight"])};
      state.resize(1 + moments, Array(state[0].type()));
      for (std::size_t step = 0; step < sequence["gradients"].size(); ++step) {
        INFO("step " << step + 1);
        update(sequence, step, state);
        require_equal(state[0], array_of(sequence["weights"][step]));
      }
    }
  }
}

}  // namespace
}  // namespace generalizer
