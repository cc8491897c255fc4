// PyTorch's values of the layers on each backend that runs on any machine, in every type that it computes in.
#include <cmath>
#include <limits>

#include "catch.h"
#include "golden.h"
#include "places.h"
#include "support/cpu_backends.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

const Registry& backends() {
  static Registry registry;
  if (registry.backend_names().empty()) {
    for (const std::string& name : cpu_backends())
      load_plugin(plugin_folder() + "/" + name + ".so", registry);
  }
  return registry;
}

/// Runs the program once in a session of its own.
Arrays run(const std::string& backend, const Program& program, const Arrays& given) {
  const BackendType& type = *backends().find_backend(backend);
  const std::unique_ptr<Session> session = type.open(parameters_of(type.parameters, {}));
  const std::unique_ptr<Executable> executable = session->compile(program);
  for (const ValueId id : program.variables())
    session->write_variable(program.value(id).name, given.at(program.value(id).name).bytes());
  for (std::size_t i = 0; i < program.inputs().size(); ++i)
    executable->set_input(i, given.at(program.value(program.inputs()[i]).name).bytes());
  executable->run();
  Arrays outputs;
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    Array& array = outputs[program.outputs()[i].name] =
        Array(program.value(program.outputs()[i].value).type);
    executable->get_output(i, {static_cast<std::byte*>(array.host().data), array.bytes().size()});
  }
  return outputs;
}

/// Within the tolerance of the largest element: sums cancel, so that a small element has the others' rounding. A tensor of small numbers counts as of
/// size 1, which is what the inputs are.
void require_close(const Array& found, const Array& expected, double tolerance) {
  REQUIRE(found.shape() == expected.shape());
  double largest = 1.0;
  for (const double number : expected.numbers()) largest = std::max(largest, std::abs(number));
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i << ": " << found.get(i) << ", PyTorch " << expected.get(i));
    REQUIRE(std::abs(found.get(i) - expected.get(i)) <= tolerance * largest);
  }
}

void check(const json& entry, const std::string& backend, DType floating, double tolerance) {
  INFO(entry.at("type") << " " << entry.at("parameters") << " on " << backend << " in " << name_of(floating));
  LayerHarness layer(entry.at("type"), given_of(entry.at("parameters")), input_shapes(entry),
                     LayerHarness::Mode::training, floating);
  fill(layer, entry);
  Arrays given = layer.values;
  given["cotangent"] = array_of(entry.at("cotangent")).as(floating);
  const Arrays found = run(backend, layer.derivative(), given);
  require_close(found.at("y"), array_of(entry.at("y")), tolerance);
  for (std::size_t i = 0; i < entry.at("inputs").size(); ++i) {
    INFO("by input " << i);
    require_close(found.at("dx" + std::to_string(i)), array_of(entry.at("input_gradients").at(i)), tolerance);
  }
  for (const auto& [name, gradient] : entry.at("weight_gradients").items()) {
    INFO("by " << name);
    require_close(found.at("d" + name), array_of(gradient), tolerance);
  }
}

}  // namespace

TEST_CASE("backends give PyTorch's values and gradients of every layer") {
  for (const json& entry : read_cases()) {
    check(entry, "reference", DType::f64, 1e-10);
    check(entry, "reference", DType::f32, 1e-5);
    if (onednn_is_built()) check(entry, "onednn", DType::f32, 1e-5);
  }
}

TEST_CASE("layers as PyTorch's cases configure them have the gradients of their differences") {
  for (const json& entry : read_cases()) {
    if (entry.at("type") == "stop_gradient") continue;  // its gradient is not that of its numbers, by design
    INFO(entry.at("type") << " " << entry.at("parameters"));
    LayerHarness(entry.at("type"), given_of(entry.at("parameters")), input_shapes(entry)).check_gradient(1e-6);
  }
}

TEST_CASE("activations that are smooth at 0 have their gradient there") {
  for (const auto& [function, slope] :
       {std::pair{"softplus", 0.5}, std::pair{"elu", 1.0}, std::pair{"gelu", 0.5}, std::pair{"gelu_tanh", 0.5},
        std::pair{"silu", 0.5}, std::pair{"hard_swish", 0.5}, std::pair{"tanh", 1.0}, std::pair{"sigmoid", 0.25}}) {
    INFO(function);
    LayerHarness layer("activation", {{"function", function}}, {{1, 1}});
    layer.values.at("x0") = f64({1, 1}, {0.0});
    CHECK(layer.derive(f64({1, 1}, {1.0})).at("dx0").get(0) == Approx(slope));
  }
}

TEST_CASE("every backend embeds what is no number as the first row, and what is beyond the table as its end") {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::vector<std::pair<double, double>> rows = {
      {std::nan(""), 5}, {-std::nan(""), 5}, {-infinity, 5}, {-1e30, 5}, {infinity, 7}, {1e30, 7}, {2, 7}, {0.6, 6}};
  for (const auto& [backend, floating] :
       {std::pair{"reference", DType::f64}, std::pair{"reference", DType::f32}, std::pair{"onednn", DType::f32}}) {
    if (backend == std::string("onednn") && !onednn_is_built()) continue;
    INFO(backend << " in " << name_of(floating));
    const auto count = static_cast<std::int64_t>(rows.size());
    LayerHarness layer("embedding", {{"count", 3}, {"units", 1}}, {{1, count}}, LayerHarness::Mode::training, floating);
    layer.values["table"] = f64({3, 1}, {5, 6, 7}).as(floating);
    for (std::size_t i = 0; i < rows.size(); ++i) layer.values["x0"].set(i, rows[i].first);
    layer.values["cotangent"] = f64({1, count, 1}, std::vector<double>(rows.size(), 1.0)).as(floating);
    const Arrays found = run(backend, layer.derivative(), layer.values);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      INFO("index " << rows[i].first);
      CHECK(found.at("y").get(i) == rows[i].second);
    }
    // Each row's gradient is as often as it was chosen.
    CHECK(found.at("dtable") == f64({3, 1}, {4, 1, 3}).as(floating));
  }
}
