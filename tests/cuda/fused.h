#pragma once

#include <cmath>
#include <memory>
#include <string>

#include "catch.h"
#include "generalizer/ops.h"
#include "generalizer/random.h"
#include "plan.h"
#include "plugin/loader.h"
#include "support/evaluate.h"

/// Programs whose kernels the stand-in for a device runs, compared with the ops' reference kernels in f64.
namespace generalizer::test {

inline std::unique_ptr<Session> open_fused() {
  static const auto registry = [] {
    auto loaded = std::make_unique<Registry>();
    load_plugin(CUDA_ON_HOST, *loaded);
    return loaded;
  }();
  return registry->find_backend("cuda_on_host")->open({});
}

/// A program under construction, and what its inputs and variables hold: numbers in [-1, 1), the same for the same name.
struct FusedCase {
  explicit FusedCase(DType type = DType::f64) : floating(type) {}

  DType floating;
  Program program{"case"};
  Arrays given;
  std::size_t outputs = 0;

  Array noise(const std::string& name, const Shape& shape, double low, double high) const {
    const Philox random(7, stream_of(name.c_str()));
    Array array({floating, shape});
    for (std::size_t i = 0; i < array.size(); ++i) array.set(i, static_cast<double>(static_cast<float>(low + (high - low) * random.uniform(i))));
    return array;
  }
  Tensor input(const std::string& name, const Shape& shape, double low = -1.0, double high = 1.0) { return input(name, noise(name, shape, low, high)); }
  Tensor input(const std::string& name, Array array) {
    given[name] = std::move(array);
    return {program, program.add_input(name, given[name].type())};
  }
  Tensor variable(const std::string& name, const Shape& shape, double low = -1.0, double high = 1.0) { return variable(name, noise(name, shape, low, high)); }
  Tensor variable(const std::string& name, Array array) {
    given[name] = std::move(array);
    return {program, program.add_variable(name, given[name].type())};
  }
  void output(const Tensor& value) { program.add_output("output " + std::to_string(outputs++), value.id()); }
  void assign(const Tensor& variable, const Tensor& value) { program.assign(variable.id(), value.id()); }
};

inline void require_close(const Array& found, const Array& expected, double tolerance) {
  REQUIRE(found.type() == expected.type());
  double scale = 1e-3;  // what rounding leaves of parts that cancel is about this small
  for (const double number : expected.numbers()) scale = std::max(scale, std::abs(number));
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i << " is " << found.get(i) << " and should be " << expected.get(i));
    REQUIRE(std::abs(found.get(i) - expected.get(i)) <= tolerance * scale);
  }
}

/// The program's outputs and its variables, after one run.
inline Arrays run_fused(const Program& program, const Arrays& given) {
  const auto session = open_fused();
  const auto executable = session->compile(program);
  for (const ValueId id : program.variables()) session->write_variable(program.value(id).name, given.at(program.value(id).name).bytes());
  for (std::size_t i = 0; i < program.inputs().size(); ++i) executable->set_input(i, given.at(program.value(program.inputs()[i]).name).bytes());
  executable->run();
  Arrays found;
  const auto fill = [](Array& array, auto&& read) { read(std::span<std::byte>(static_cast<std::byte*>(array.host().data), array.bytes().size())); };
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    Array& array = found[program.outputs()[i].name] = Array(program.value(program.outputs()[i].value).type);
    fill(array, [&](std::span<std::byte> bytes) { executable->get_output(i, bytes); });
  }
  for (const ValueId id : program.variables()) {
    Array& array = found[program.value(id).name] = Array(program.value(id).type);
    fill(array, [&](std::span<std::byte> bytes) { session->read_variable(program.value(id).name, bytes); });
  }
  return found;
}

/// Outputs and variables agree with the reference kernels; two runs are equal to the bit.
inline void check_fused(const FusedCase& c, double tolerance) {
  c.program.verify();
  Arrays by_reference = c.given;
  const Arrays expected = evaluate(c.program, by_reference);
  const Arrays found = run_fused(c.program, c.given);
  for (const auto& [name, array] : found) {
    INFO(name << " of " << c.program.to_string());
    require_close(array, expected.contains(name) ? expected.at(name) : by_reference.at(name), tolerance);
  }
  REQUIRE(run_fused(c.program, c.given) == found);
}

template <class T>
std::size_t steps_of(const cuda::Plan& plan) {
  std::size_t count = 0;
  for (const cuda::Step& step : plan.steps) count += std::holds_alternative<T>(step) ? 1 : 0;
  return count;
}

}  // namespace generalizer::test
