// The same training as PyTorch's, step by step: same initial weights, same batches, losses compared.
//
// published.json and conv.json were made by tests/golden/trajectory.py (PyTorch, float64). Weights and batches are not stored: both sides draw them
// from the same counter-based generator, Philox(seed, stream).
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "config/graph_spec.h"
#include "generalizer/random.h"
#include "places.h"
#include "plugin/loader.h"
#include "support/cpu_backends.h"
#include "support/skip.h"
#include "trainer/network.h"

namespace {

using namespace generalizer;

nlohmann::json read_golden(const std::string& file) {
  std::ifstream stream(project_folder() + "/tests/golden/" + file);
  REQUIRE(stream.good());
  return nlohmann::json::parse(stream);
}

template <class T>
std::vector<T> draw(std::uint64_t seed, std::uint64_t stream, std::int64_t count,
                    const std::function<double(double)>& shape) {
  const Philox random(seed, stream);
  std::vector<T> values(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<T>(shape(random.uniform(i)));
  return values;
}

/// "conv1.kernel" of the classifier → "classifier/conv1/kernel"; PyTorch's gamma and beta are our scale and shift.
std::string variable_of(const nlohmann::json& weight, const GraphSpec& spec) {
  const std::string name = weight.at("name");
  const std::size_t dot = name.find('.');
  std::string leaf = name.substr(dot + 1);
  if (leaf == "gamma") leaf = "scale";
  if (leaf == "beta") leaf = "shift";
  const bool decoder = weight.at("player") == "decoder";
  return (decoder ? spec.decoders[0].name.text : std::string("classifier")) + "/" + name.substr(0, dot) +
         "/" + leaf;
}

double read_output(Executable& executable, const std::string& name) {
  const std::size_t index = executable.program().find_output(name).value();
  if (executable.program().value(executable.program().outputs()[index].value).type.dtype == DType::f64) {
    double value = 0;
    executable.get_output(index, std::as_writable_bytes(std::span(&value, 1)));
    return value;
  }
  float value = 0;
  executable.get_output(index, std::as_writable_bytes(std::span(&value, 1)));
  return value;
}

template <class T>
void follow(const std::string& graph_file, const std::string& golden_file, const std::string& backend,
            double tolerance) {
  const nlohmann::json golden = read_golden(golden_file);
  Registry registry;
  load_folder(plugin_folder(), registry);
  const std::string precision = sizeof(T) == 8 ? "f64" : "f32";
  const GraphSpec spec = read_graph(project_folder() + "/graphs/" + graph_file, registry,
                                    {{"backend=" + backend}, {"precision=" + precision}});
  const std::int64_t batch = golden.at("batch");
  const std::uint64_t seed = golden.at("seed");
  Network network(spec, {{1, 28, 28}, 10}, registry);
  network.initialize();
  for (const nlohmann::json& weight : golden.at("weights")) {
    if (weight.at("init") != "glorot_uniform") continue;  // zeros and ones begin alike on both sides
    const double limit = weight.at("limit");
    const Shape shape(weight.at("shape").get<std::vector<std::int64_t>>());
    const auto values =
        draw<T>(seed, weight.at("stream"), shape.elements(), [&](double u) { return (2 * u - 1) * limit; });
    network.session().write_variable(variable_of(weight, spec), std::as_bytes(std::span(values)));
  }
  const auto classifier = network.session().compile(classifier_step(network.graph(), batch).program);
  const auto decoder = network.session().compile(decoder_step(network.graph(), 0, batch).program);
  const std::string decoder_loss = spec.decoders[0].name.text + "/loss";
  const std::uint64_t image_stream = golden.at("image_stream");
  const std::uint64_t label_stream = golden.at("label_stream");

  std::uint64_t step = 0;
  for (const nlohmann::json& expected : golden.at("steps")) {
    const auto images = draw<T>(seed, image_stream + step, batch * 28 * 28, [](double u) { return u * u; });
    const auto labels =
        draw<std::int32_t>(seed, label_stream + step, batch, [](double u) { return std::floor(10 * u); });
    ++step;
    set_batch(*classifier, std::as_bytes(std::span(images)), std::as_bytes(std::span(labels)));
    classifier->run();
    set_batch(*decoder, std::as_bytes(std::span(images)), std::as_bytes(std::span(labels)));
    decoder->run();
    INFO("step " << step << " on " << backend);
    CHECK(read_output(*classifier, "loss") ==
          Approx(expected.at("cross_entropy").get<double>()).epsilon(tolerance));
    CHECK(read_output(*classifier, decoder_loss) ==
          Approx(expected.at("mse").get<double>()).epsilon(tolerance));
    CHECK(read_output(*classifier, "total") ==
          Approx(expected.at("classifier_loss").get<double>()).epsilon(tolerance));
    CHECK(read_output(*decoder, "loss") ==
          Approx(expected.at("decoder_loss").get<double>()).epsilon(tolerance));
  }
}

}  // namespace

TEST_CASE("50 alternating steps of the published network follow PyTorch in f64 on the reference backend") {
  follow<double>("fashion-generalizer.toml", "published.json", "reference", 1e-5);
}

TEST_CASE("50 alternating steps of the published network follow PyTorch in f32 on onednn") {
  if (!test::onednn_is_built()) return test::skip(test::without_onednn);
  follow<float>("fashion-generalizer.toml", "published.json", "onednn", 1e-3);
}

TEST_CASE(
    "20 alternating steps of the convolutional network follow PyTorch in f64 on the reference backend") {
  follow<double>("fashion-convolutional.toml", "conv.json", "reference", 1e-5);
}

TEST_CASE("20 alternating steps of the convolutional network follow PyTorch in f32 on onednn") {
  if (!test::onednn_is_built()) return test::skip(test::without_onednn);
  follow<float>("fashion-convolutional.toml", "conv.json", "onednn", 1e-3);
}
