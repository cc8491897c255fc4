// Decoders on other decoders: gradients through the chain, and who moves in whose step.
#include "catch.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// "coarse" on the classifier, "fine" on a layer inside it and on the classifier, "last" on the output of "fine": plain descent with learning rate 1.
const std::string kChain = R"([train]
batch = 5
[classifier]
loss = "cross_entropy"
optimizer = { type = "sgd", learning_rate = 1.0 }
layers = [
  { name = "conv", type = "conv2d", filters = 2, kernel = 3, activation = "tanh" },
  { name = "flat", type = "flatten" },
  { name = "code", type = "dense", units = 4, activation = "tanh" },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "last"
tap = "fine"
weight = 1.5
optimizer = { type = "sgd", learning_rate = 1.0 }
layers = [
  { name = "flat", type = "flatten" },
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },
]
[[decoder]]
name = "coarse"
tap = "code"
sign = "positive"
weight = 0.5
optimizer = { type = "sgd", learning_rate = 1.0 }
layers = [
  { name = "hidden", type = "dense", units = 6, activation = "tanh" },
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },
]
[[decoder]]
name = "fine"
tap = ["coarse/hidden", "flat"]
weight = 0.75
optimizer = { type = "sgd", learning_rate = 1.0 }
layers = [
  { name = "both", type = "concat" },
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },
]
)";

/// The slope of what a step minimises by one number of one weight, measured.
double slope_of(const StepProgram& step, const char* output, const Machine& start, const std::string& weight, std::size_t element) {
  const double h = 1e-5;
  const ToyBatch batch = toy_batch(1);
  const auto value_at = [&](double shift) {
    Machine machine = start;
    machine[weight].set(element, machine[weight].get(element) + shift);
    return machine.run(step, batch.image, batch.label).at(output).get(0);
  };
  return (value_at(h) - value_at(-h)) / (2 * h);
}

/// The weights of `player` in the step's program move by their measured slopes.
void check_descent(const Graph& graph, const StepProgram& step, const char* output, const std::string& player) {
  const Machine start(graph);
  Machine stepped = start;
  const ToyBatch batch = toy_batch(1);
  stepped.run(step, batch.image, batch.label);
  int checked = 0;
  for (const VariableDeclaration& variable : start.declarations()) {
    if (variable.player != player || variable.role != VariableRole::weight) continue;
    const Array& before = start.state().at(variable.name);
    for (std::size_t element = 0; element < before.size(); element += 1 + before.size() / 4) {
      INFO(variable.name << " " << element);
      const double moved = before.get(element) - stepped[variable.name].get(element);
      CHECK(moved == Approx(slope_of(step, output, start, variable.name, element)).epsilon(1e-5).margin(1e-8));
      ++checked;
    }
  }
  CHECK(checked > 0);
}

}  // namespace

TEST_CASE("the classifier's gradient through a chain of decoders agrees with finite differences") {
  const Graph graph = graph_of(kChain, toy_data);
  check_descent(graph, classifier_step(graph, toy_batch_size), "total", "classifier");
}

TEST_CASE("each decoder of a chain descends by its own loss's differences") {
  const Graph graph = graph_of(kChain, toy_data);
  for (std::size_t i = 0; i < graph.decoders().size(); ++i)
    check_descent(graph, decoder_step(graph, i, toy_batch_size), "loss", graph.decoders()[i].name);
}

TEST_CASE("a decoder on another one leaves the other's weights to the other's step") {
  const Graph graph = graph_of(kChain, toy_data);
  const ToyBatch batch = toy_batch(1);
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    Machine machine(graph);
    const Arrays before = machine.state();
    machine.run(decoder_step(graph, i, toy_batch_size), batch.image, batch.label);
    for (const VariableDeclaration& variable : machine.declarations()) {
      if (variable.role != VariableRole::weight) continue;
      INFO(graph.decoders()[i].name << " steps, " << variable.name);
      CHECK((machine[variable.name] == before.at(variable.name)) == (variable.player != graph.decoders()[i].name));
    }
  }
}

TEST_CASE("the classifier's loss holds each of a chain's terms once") {
  const Graph graph = graph_of(kChain, toy_data);
  Machine machine(graph);
  const ToyBatch batch = toy_batch(1);
  const Arrays out = machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
  CHECK(out.at("total").get(0) == Approx(out.at("loss").get(0) - 1.5 * out.at("last/loss").get(0) +
                                         0.5 * out.at("coarse/loss").get(0) - 0.75 * out.at("fine/loss").get(0))
                                      .epsilon(1e-12));
}
