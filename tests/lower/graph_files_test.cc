// The graph files that the project brings are lowered whole.
#include <filesystem>

#include "catch.h"
#include "generalizer/memory_plan.h"
#include "graph/draw.h"
#include "lower/steps.h"
#include "lower/summary.h"
#include "places.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const DataShape fashion{{1, 28, 28}, 10};

GraphSpec read(const std::string& file) {
  return read_graph(project_folder() + "/graphs/" + file, builtin_plugins(),
                    {{"backend=reference"}});
}

}  // namespace

TEST_CASE("every graph file of the project has all its programs, for a last batch, too") {
  for (const auto& entry :
       std::filesystem::directory_iterator(project_folder() + "/graphs")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().string());
    const GraphSpec spec = read(entry.path().filename().string());
    const Graph graph(spec, data_shape_of_project(spec), builtin_plugins());
    for (const std::int64_t batch : {std::int64_t{16}, graph.spec().train.batch}) {
      CHECK(classifier_step(graph, batch).program.find_output("total"));
      for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
        CHECK(decoder_step(graph, i, batch).program.find_output("loss"));
      }
      CHECK_FALSE(evaluation(graph, batch).program.assignments().empty());
      CHECK_FALSE(prediction(graph, batch).program.outputs().empty());
      CHECK_FALSE(probe(graph, batch).program.outputs().empty());
    }
    CHECK_FALSE(to_dot(graph).empty());
  }
}

TEST_CASE("no step of the project's graphs copies a value into its variable") {
  for (const char* file : {"fashion-generalizer.toml", "fashion-classifier.toml", "fashion-autoencoder.toml",
                           "fashion-convolutional.toml"}) {
    INFO(file);
    const Graph graph(read(file), fashion, builtin_plugins());
    CHECK(place_values(classifier_step(graph, 32).program).copies.empty());
    for (std::size_t i = 0; i < graph.decoders().size(); ++i)
      CHECK(place_values(decoder_step(graph, i, 32).program).copies.empty());
  }
}

TEST_CASE("the gradients of a deep network are never all in memory") {
  std::string layers = R"({ name = "flatten", type = "flatten" })";
  for (int i = 0; i < 8; ++i)
    layers +=
        ", { name = \"dense" + std::to_string(i) + R"(", type = "dense", units = 784, activation = "relu" })";
  layers += R"(, { name = "logits", type = "dense", units = 10 })";
  const Graph graph = graph_of(
      "[train]\nbatch = 8\n[classifier]\nloss = \"cross_entropy\"\n"
      "optimizer = { type = \"adam\" }\nlayers = [" +
          layers + "]\n",
      fashion);
  const std::int64_t one = std::int64_t{784} * 784 * 8;  // bytes of one layer's gradient in f64
  const std::int64_t batch = std::int64_t{8} * 784 * 8;  // bytes of one layer's activations
  // Each of the eight waits for the one product that still reads its weights; besides, the activations of nine layers,
  // a gradient of activations and its successor, and small values.
  CHECK(plan_program(classifier_step(graph, 8).program).size < 2 * one + 12 * batch);
}

TEST_CASE("the published network has the published numbers of weights") {
  const Graph graph(read("fashion-generalizer.toml"), fashion, builtin_plugins());
  const NetworkSummary summary = summarize(graph);
  // conv 3·3·1·32 + 32, dense 26·26·32·128 + 128, dense 128·10 + 10; decoder dense 128·784 + 784
  CHECK(summary.weights == 320 + 2769024 + 1290 + 101136);
  CHECK(summary.weight_bytes == 4 * summary.weights);
  CHECK(summary.moment_bytes == 2 * summary.weight_bytes);
  // A convolution and a product forward, each multiply-add two operations: the least that the classifier's step can do.
  CHECK(summary.steps[0].flops > 3.0 * 2 * 32 * (26.0 * 26 * 32 * 128));
}
