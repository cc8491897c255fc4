// What the types of a plugin's author may do, and what is said when they do something wrong.
#include "graph/layer_builder.h"

#include <functional>
#include <set>

#include "catch.h"
#include "generalizer/op.h"
#include "lower/steps.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Matchers::Contains;

namespace {

LayerType layer(const std::string& name, std::function<Tensor(LayerBuilder&)> build) {
  LayerType type;
  type.name = name;
  type.summary = "A test's own layer.";
  type.build = std::move(build);
  return type;
}

const Registry& own_layers() {
  static Registry registry;
  static const bool loaded = [] {
    load_builtin_plugins(registry);
    registry.begin_plugin({"own layers", "1", "Apache-2.0", "layer_builder_test.cc", {}});
    registry.add_layer(layer("batchless", [](LayerBuilder& l) {
      return reduce_sum(concat(std::vector{l.input(), l.input()}, 1), {0});
    }));
    registry.add_layer(layer("narrow", [](LayerBuilder& l) { return cast(l.input(), DType::f32); }));
    registry.add_layer(layer("nothing", [](LayerBuilder&) { return Tensor{}; }));
    registry.add_layer(layer("picky", [](LayerBuilder& l) {
      if (l.input().rank() == 2) l.fail("it wants something else", "give it that");
      return l.input();
    }));
    registry.add_layer(
        layer("thrower", [](LayerBuilder&) -> Tensor { throw Error("something of its own"); }));
    registry.add_layer(layer("twice", [](LayerBuilder& l) {  // one weight, asked for twice
      const Shape shape{l.input().dim(1)};
      return l.input() * l.weight("scale", shape, ones()) * l.weight("scale", shape, ones());
    }));
    registry.add_layer(layer("noise", [](LayerBuilder& l) {  // in evaluation, too
      return l.input() + l.random_uniform(l.input().shape()) + l.random_uniform(l.input().shape());
    }));
    LayerType constant_type = layer("constant", [](LayerBuilder& l) {
      return fill(l.program(), {DType::f64, {4, 3}}, 1.0);
    });
    constant_type.minimum_inputs = constant_type.maximum_inputs = 0;
    registry.add_layer(std::move(constant_type));
    registry.end_plugin(true);
    return true;
  }();
  (void)loaded;
  return registry;
}

const DataShape data{{1, 2, 2}, 3};

std::string with(const std::string& layer) {
  return "[train]\nbatch = 4\n[classifier]\nloss = \"cross_entropy\"\nlayers = [\n  { name = \"flat\", type "
         "= \"flatten\" },\n  " +
         layer + ",\n  { name = \"logits\", type = \"dense\", units = 3 },\n]\n";
}

std::string said_of(const std::string& type) {
  return complaint(with("{ name = \"own\", type = \"" + type + "\" }"), data, own_layers());
}

}  // namespace

TEST_CASE("what a layer type finds wrong is said at the layer, with both ends") {
  CHECK_THAT(said_of("picky"),
             Contains("layer \"own\" (picky) takes 4×4 from \"flat\" (flatten): it wants something else"));
  CHECK_THAT(said_of("picky"), Contains("hint: give it that"));
  CHECK_THAT(said_of("thrower"),
             Contains("layer \"own\" (thrower) takes 4×4 from \"flat\" (flatten): something of its own"));
}

TEST_CASE("a layer type must give one number or more for each image, in the network's type") {
  CHECK_THAT(said_of("batchless"),
             Contains("layer \"own\" (batchless) gives f64[8]; the first extent must be the batch (4)"));
  CHECK_THAT(
      said_of("narrow"),
      Contains(
          "layer \"own\" (narrow) gives f32[4×4]; the first extent must be the batch (4) and the type f64"));
  CHECK_THAT(said_of("nothing"), Contains("built no output"));
}

TEST_CASE("a weight that is asked for twice is one weight") {
  const Graph graph = graph_of(with("{ name = \"own\", type = \"twice\" }"), data, own_layers());
  CHECK(graph.classifier().layers[1].weights == 4);
}

TEST_CASE("a layer type without inputs takes none") {
  const Graph graph = graph_of(with("{ name = \"one\", type = \"constant\" },\n  { name = \"answer\", type = "
                                    "\"dense\", units = 3, inputs = [\"flat\"] },\n"
                                    "  { name = \"sum\", type = \"add\", inputs = [\"one\", \"answer\"] }"),
                               data, own_layers());
  CHECK(graph.classifier().layers[graph.classifier().find("one")].inputs.empty());
}

TEST_CASE("each call for random numbers is a stream of its own, and evaluation may draw, too") {
  const Graph graph = graph_of(with("{ name = \"own\", type = \"noise\" }"), data, own_layers());
  for (const StepProgram& step : {classifier_step(graph, 4), evaluation(graph, 4)}) {
    std::set<std::int64_t> streams;
    for (const Node& node : step.program.nodes()) {
      if (node.op->name == "random_uniform") streams.insert(node.attributes.integer("stream"));
    }
    CHECK(streams.size() == 2);
    CHECK(step.program.find_variable("classifier/step"));
    CHECK(step.variables.size() == step.program.variables().size());
  }
}
