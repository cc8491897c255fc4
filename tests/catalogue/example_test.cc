// Each built-in type's example is a piece of a graph that reads and connects.
#include "catalogue/example.h"

#include "catalogue/trial.h"
#include "catch.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Matchers::Contains;

namespace {

const std::string train = "[train]\nbatch = 2\n";
const std::string classifier =
    "[classifier]\nloss = \"cross_entropy\"\nlayers = [ { type = \"flatten\" }, { type = \"dense\", units = "
    "3 } ]\n";

/// A classifier that feeds the example what it was tried on.
std::string around(const LayerTrial& trial) {
  std::string shape;
  for (const std::int64_t extent : trial.input.shape)
    shape += (shape.empty() ? "" : ", ") + std::to_string(extent);
  std::string layers = "  { name = \"a\", type = \"reshape\", shape = [" + shape + "] },\n";
  if (trial.inputs > 1) layers += "  { name = \"b\", type = \"activation\", function = \"tanh\" },\n";
  layers += "  " + trial.example + ",\n";
  if (trial.output.rank() > 1) layers += "  { type = \"flatten\" },\n";
  return train + "[classifier]\nloss = \"cross_entropy\"\nlayers = [\n" + layers +
         "  { name = \"end\", type = \"dense\", units = 3 },\n]\n";
}

DataShape data_of(const LayerTrial& trial) { return {{1, 1, trial.input.shape.elements()}, 3}; }

LayerTrial first_trial(const std::string& layer) {
  const auto trials = try_layer(*builtin_plugins().find_layer(layer));
  REQUIRE(!trials.empty());
  return trials.front();
}

}  // namespace

TEST_CASE("every built-in layer has an example that a graph takes, of the shapes and weights that it tells") {
  for (const std::string& name : builtin_plugins().layer_names()) {
    INFO(name);
    const auto trials = try_layer(*builtin_plugins().find_layer(name));
    CHECK(!trials.empty());
    for (const LayerTrial& trial : trials) {
      const std::string text = around(trial);
      INFO(text << complaint(text, data_of(trial)));
      REQUIRE(complaint(text, data_of(trial)).empty());
      const Graph graph = graph_of(text, data_of(trial));
      const GraphLayer& layer = graph.classifier().layers[graph.classifier().find(name + "1")];
      std::vector<std::int64_t> expected = {2};
      expected.insert(expected.end(), trial.output.begin(), trial.output.end());
      CHECK(layer.output == Shape(expected));
      std::int64_t weights = 0;
      for (const TrialWeight& weight : trial.weights) weights += weight.trained ? weight.shape.elements() : 0;
      CHECK(layer.weights == weights);
    }
  }
}

TEST_CASE("a convolution's trial tells its shapes and weights, and a normalisation's its statistics") {
  const LayerTrial conv = first_trial("conv2d");
  CHECK(conv.example ==
        "{ name = \"conv2d1\", type = \"conv2d\", filters = 32, kernel = 3, activation = \"relu\" }");
  CHECK(conv.input.shape == Shape{1, 28, 28});
  CHECK(conv.output == Shape{32, 26, 26});
  REQUIRE(conv.weights.size() == 2);
  CHECK(conv.weights[0].name == "kernel");
  CHECK(conv.weights[0].shape.elements() == 32 * 9);
  const LayerTrial norm = first_trial("batch_norm");
  CHECK(std::count_if(norm.weights.begin(), norm.weights.end(),
                      [](const TrialWeight& w) { return !w.trained; }) == 2);
}

TEST_CASE("a layer of several inputs names them in its example") {
  CHECK_THAT(first_trial("add").example, Contains("inputs = [\"a\", \"b\"]"));
}

TEST_CASE("every built-in loss has an example that a graph takes") {
  for (const std::string& name : builtin_plugins().loss_names()) {
    const LossType& type = *builtin_plugins().find_loss(name);
    const std::string example = loss_example(type);
    std::string text = train + classifier;
    if (type.target == LossTarget::labels) {
      text.replace(text.find("loss = \"cross_entropy\""), std::string("loss = \"cross_entropy\"").size(),
                   example);
    } else {
      text +=
          "[[decoder]]\nname = \"copy\"\ntap = \"flatten1\"\n" + example +
          "\nlayers = [ { type = \"dense\", units = 784 }, { type = \"reshape\", shape = [1, 28, 28] } ]\n";
    }
    INFO(text);
    CHECK(complaint(text, {{1, 28, 28}, 3}).empty());
  }
}

TEST_CASE("every built-in optimizer, dataset and backend has an example that reads") {
  const Registry& registry = builtin_plugins();
  for (const std::string& name : registry.optimizer_names()) {
    std::string text = train + classifier;
    text.insert(text.find("layers"), optimizer_example(*registry.find_optimizer(name)) + "\n");
    INFO(text);
    CHECK(complaint(text, {{1, 4, 4}, 3}).empty());
  }
  for (const std::string& name : registry.dataset_names()) {
    const std::string text = dataset_example(*registry.find_dataset(name)) + classifier;
    INFO(text);
    CHECK(parse_graph(text, "example.toml", ".", registry).data.type.text == name);
  }
  for (const std::string& name : registry.backend_names()) {
    const std::string text =
        backend_example(*registry.find_backend(name)) + "\n[data]\ntype = \"given\"\n" + classifier;
    INFO(text);
    CHECK(parse_graph(text, "example.toml", ".", registry).backend.type.text == name);
  }
}

TEST_CASE("parameters that no habit names get values within their range") {
  LayerType type;
  type.name = "mine";
  ParameterSpec pair = at_least(required_parameter("pair", {ParameterType::integers}, ""), 2);
  pair.length = 2;
  type.parameters = {at_least(required_parameter("least", {ParameterType::integer}, ""), 5),
                     above(required_parameter("over", {ParameterType::integer}, ""), 5),
                     at_most(at_least(required_parameter("part", {ParameterType::number}, ""), 0), 1),
                     one_of(required_parameter("word", {ParameterType::string}, ""), {"this", "that"}),
                     pair,
                     parameter("more", {ParameterType::integer}, std::int64_t{3}, "")};
  CHECK(example_parameters(type, {8}) == "least = 5, over = 6, part = 0.5, word = \"this\", pair = [2, 2]");
}
