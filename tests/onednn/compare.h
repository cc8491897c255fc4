#pragma once

#include <algorithm>
#include <cmath>
#include <memory>

#include "catch.h"
#include "generalizer/ops.h"
#include "generalizer/random.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/evaluate.h"

/// Programs run by the backend "onednn", and compared with what the ops' reference kernels make of them in f64.
namespace generalizer::test {

inline std::unique_ptr<Session> open_onednn(std::int64_t threads = 2) {
  // Of the whole run: what is registered there stands in the plugin, which is never unloaded.
  static const auto registry = [] {
    auto loaded = std::make_unique<Registry>();
    load_plugin(plugin_folder() + "/onednn.so", *loaded);
    return loaded;
  }();
  Parameters parameters;
  parameters.set("threads", threads);
  return registry->find_backend("onednn")->open(parameters);
}

/// Numbers in [-1, 1), the same for the same name.
inline Array noise(const std::string& name, Shape shape, DType dtype = DType::f32) {
  const Philox random(7, stream_of(name.c_str()));
  Array array({dtype, std::move(shape)});
  for (std::size_t i = 0; i < array.size(); ++i) array.set(i, 2.0 * random.uniform(i) - 1.0);
  return array;
}

inline void write(Session& session, const Program& program, const Arrays& given) {
  for (const ValueId id : program.variables()) {
    const std::string& name = program.value(id).name;
    session.write_variable(name, given.at(name).bytes());
  }
}

inline Array read(Session& session, const std::string& name) {
  const TensorType type = session.variables().at(name);
  std::vector<std::byte> bytes(static_cast<std::size_t>(type.bytes()));
  session.read_variable(name, bytes);
  Array array(type);
  std::memcpy(array.host().data, bytes.data(), bytes.size());
  return array;
}

inline Arrays run(Executable& executable, const Arrays& given) {
  const Program& program = executable.program();
  for (std::size_t i = 0; i < program.inputs().size(); ++i) {
    executable.set_input(i, given.at(program.value(program.inputs()[i]).name).bytes());
  }
  executable.run();
  Arrays outputs;
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    const Output& output = program.outputs()[i];
    Array array(program.value(output.value).type);
    std::vector<std::byte> bytes(static_cast<std::size_t>(array.type().bytes()));
    executable.get_output(i, bytes);
    std::memcpy(array.host().data, bytes.data(), bytes.size());
    outputs[output.name] = array;
  }
  return outputs;
}

/// `tolerance` is relative to the largest element.
inline void require_near(const Array& found, const Array& expected, double tolerance = 1e-5) {
  REQUIRE(found.type() == expected.type());
  double scale = 1e-30;
  for (const double number : expected.numbers()) scale = std::max(scale, std::abs(number));
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i << " is " << found.get(i) << " and should be " << expected.get(i));
    REQUIRE(std::abs(found.get(i) - expected.get(i)) <= tolerance * scale);
  }
}

/// Runs the program twice on the backend, from the same variables, and once by reference kernels: outputs and variables agree, and the two
/// runs are equal to the bit.
inline void check_program(const Program& program, const Arrays& given, double tolerance = 1e-5) {
  program.verify();
  Arrays by_reference = given;
  const Arrays expected = evaluate(program, by_reference);
  const auto session = open_onednn();
  const auto executable = session->compile(program);
  write(*session, program, given);
  const Arrays first = run(*executable, given);
  for (const auto& [name, array] : expected) {
    INFO("output " << name);
    require_near(first.at(name), array, tolerance);
  }
  for (const ValueId id : program.variables()) {
    const std::string& name = program.value(id).name;
    INFO("variable " << name);
    require_near(read(*session, name), by_reference.at(name), tolerance);
  }
  write(*session, program, given);
  const Arrays second = run(*executable, given);
  REQUIRE(first == second);
}

/// A program under construction, and what its inputs and variables hold.
struct Case {
  Program program{"case"};
  Arrays given;

  Tensor input(const std::string& name, Shape shape) {
    given[name] = noise(name, shape);
    return {program, program.add_input(name, given[name].type())};
  }
  Tensor variable(const std::string& name, Shape shape) {
    given[name] = noise(name, shape);
    return {program, program.add_variable(name, given[name].type())};
  }
  Tensor scalar(const std::string& name, double value) {
    given[name] = f32({}, {value});
    return {program, program.add_variable(name, given[name].type())};
  }
  void output(const std::string& name, const Tensor& tensor) { program.add_output(name, tensor.id()); }
  void assign(const Tensor& variable, const Tensor& value) { program.assign(variable.id(), value.id()); }
  void check(double tolerance = 1e-5) { check_program(program, given, tolerance); }
};

}  // namespace generalizer::test
