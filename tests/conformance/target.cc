#include "places.h"
#include "target.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "catch.h"
#include "plugin/loader.h"
#include "support/skip.h"

namespace generalizer::test {
namespace {

std::string environment(const char* name, const char* otherwise) {
  const char* value = std::getenv(name);
  return value == nullptr ? otherwise : value;
}

Target read_target() {
  const std::string text = environment("GENERALIZER_TEST_BACKEND", "reference/f64");
  const std::size_t slash = text.find('/');
  const std::string type = slash == std::string::npos ? "f32" : text.substr(slash + 1);
  if (type == "f32") return {text.substr(0, slash), DType::f32, 1e-5};
  if (type == "f64") return {text.substr(0, slash), DType::f64, 1e-12};
  throw Error("GENERALIZER_TEST_BACKEND is \"" + text +
              "\" and must be a backend and f32 or f64, as in \"onednn/f32\".");
}

/// Plugins stay loaded until the program ends, and so does what they registered.
const Registry& registry() {
  static Registry loaded;
  static const bool once = [] {
    load_folder(plugin_folder(), loaded);
    load_plugins({.graph_files = {},
                  .paths = {},
                  .environment = environment("GENERALIZER_PLUGIN_PATH", ""),
                  .program = {}},
                 loaded);
    return true;
  }();
  static_cast<void>(once);
  return loaded;
}

std::string backend_name() { return "the backend \"" + target().backend + "\""; }

/// Throws `Error` where the plugin is missing or was not loaded: that is a failure of the tests, not of this machine.
const BackendType& find_target() {
  const BackendType* backend = registry().find_backend(target().backend);
  if (backend != nullptr) return *backend;
  const PluginFailure* failure = registry().failure_of(target().backend);
  throw Error(failure != nullptr ? failure->reason
                                 : "no plugin brings " + backend_name() + "; " + registry().where_searched());
}

/// The defaults that a graph file would leave.
Parameters default_parameters(const BackendType& backend) {
  Parameters parameters;
  for (const ParameterSpec& spec : backend.parameters) {
    if (spec.default_value) parameters.set(spec.name, *spec.default_value);
  }
  return parameters;
}

}  // namespace

const Target& target() {
  static const Target read = read_target();
  return read;
}

std::unique_ptr<Session> open_session() {
  const BackendType& backend = find_target();
  const BackendReport report = backend.report();
  if (!report.available) {
    skip(backend_name() + " can't run here: " + report.reason);
    return nullptr;
  }
  const auto& types = report.floating_types;
  if (std::find(types.begin(), types.end(), target().floating) == types.end()) {
    throw Error(backend_name() + " does not compute in " + name_of(target().floating) +
                "; GENERALIZER_TEST_BACKEND must name a type that it reports");
  }
  return backend.open(default_parameters(backend));
}

Arrays run(Executable& executable, const Arrays& inputs) {
  const Program& program = executable.program();
  for (std::size_t i = 0; i < program.inputs().size(); ++i) {
    executable.set_input(i, inputs.at(program.value(program.inputs()[i]).name).bytes());
  }
  executable.run();
  Arrays outputs;
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    const Output& output = program.outputs()[i];
    Array& array = outputs[output.name] = Array(program.value(output.value).type);
    array.spoil();
    executable.get_output(i, {static_cast<std::byte*>(array.host().data), array.bytes().size()});
  }
  return outputs;
}

Arrays run(Session& session, const Program& program, Arrays& given) {
  const std::unique_ptr<Executable> executable = session.compile(program);
  for (const ValueId id : program.variables()) {
    const auto found = given.find(program.value(id).name);
    if (found != given.end()) write(session, found->first, found->second);
  }
  Arrays outputs = run(*executable, given);
  for (const ValueId id : program.variables())
    given[program.value(id).name] = read(session, program.value(id).name);
  return outputs;
}

void write(Session& session, const std::string& name, const Array& array) {
  session.write_variable(name, array.bytes());
}

Array read(Session& session, const std::string& name) {
  Array array(session.variables().at(name));
  array.spoil();
  session.read_variable(name, {static_cast<std::byte*>(array.host().data), array.bytes().size()});
  return array;
}

void require_agreement(const Array& found, const Array& expected, double tolerance, double least_scale) {
  REQUIRE(found.shape() == expected.shape());
  const bool whole = !is_floating(expected.type().dtype);
  double scale = least_scale;
  for (const double number : expected.numbers()) scale = std::max(scale, std::abs(number));
  for (std::size_t i = 0; i < found.size(); ++i) {
    const double difference = std::abs(found.get(i) - expected.get(i));
    INFO("element " << i << " of " << to_string(expected.type()) << " is " << found.get(i)
                    << " and should be " << expected.get(i));
    REQUIRE(difference <= (whole ? 0.0 : tolerance * scale));
  }
}

}  // namespace generalizer::test
