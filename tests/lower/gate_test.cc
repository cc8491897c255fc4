// What must not move keeps its bits, whatever optimizer it has: in a step whose loss is no number, in another player's step, and in a layer that is frozen.
#include <limits>

#include "catch.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// Every optimizer with all that moves weights beside their gradient.
const std::vector<std::string> kOptimizers = {
    "{ type = \"sgd\", momentum = 0.9, nesterov = true }",
    "{ type = \"rmsprop\" }",
    "{ type = \"rmsprop\", momentum = 0.9 }",
    "{ type = \"rmsprop\", centered = true }",
    "{ type = \"rmsprop\", momentum = 0.9, centered = true }",
    "{ type = \"adam\" }",
    "{ type = \"adamw\", weight_decay = 0.1 }",
    "{ type = \"lamb\", weight_decay = 0.1 }",
};

Toy with_optimizer(const std::string& optimizer) {
  Toy toy;
  toy.optimizer = optimizer;
  return toy;
}

/// The variables of the players other than `stepping`, but those that every step writes.
Arrays of_others(const Machine& machine, const std::string& stepping) {
  Arrays others;
  for (const VariableDeclaration& variable : machine.declarations()) {
    if (variable.player != stepping && variable.role != VariableRole::metric && variable.role != VariableRole::health)
      others[variable.name] = machine.state().at(variable.name);
  }
  return others;
}

}  // namespace

TEST_CASE("with its loss no number a step leaves weights and moments to the bit, whatever the optimizer") {
  for (const std::string& optimizer : kOptimizers) {
    const Graph graph = with_optimizer(optimizer).graph();
    for (const bool classifier : {true, false}) {
      INFO(optimizer << (classifier ? ", the classifier's step" : ", a decoder's step"));
      const StepProgram step = classifier ? classifier_step(graph, toy_batch_size) : decoder_step(graph, 0, toy_batch_size);
      Machine machine(graph);
      const ToyBatch good = toy_batch(1);
      machine.run(step, good.image, good.label);  // moments are no longer zeros
      ToyBatch bad = good;
      bad.image.set(7, std::numeric_limits<double>::quiet_NaN());
      Arrays before = machine.state();
      machine.run(step, bad.image, bad.label);
      CHECK(machine.number("health") == 0.0);
      before["health"] = machine["health"];
      CHECK(machine.state() == before);
    }
  }
}

TEST_CASE("a player's step leaves the other players to the bit, whatever the optimizer") {
  for (const std::string& optimizer : kOptimizers) {
    INFO(optimizer);
    const Graph graph = with_optimizer(optimizer).graph();
    const ToyBatch batch = toy_batch(1);
    Machine machine(graph);
    machine.run(decoder_step(graph, 0, toy_batch_size), batch.image, batch.label);
    // Between two steps of a decoder with `every` above 1 lie the classifier's.
    const Arrays before = of_others(machine, "classifier");
    for (int i = 0; i < 3; ++i) machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
    CHECK(of_others(machine, "classifier") == before);
    const Arrays of_classifier = of_others(machine, "near");
    machine.run(decoder_step(graph, 0, toy_batch_size), batch.image, batch.label);
    CHECK(of_others(machine, "near") == of_classifier);
  }
}

TEST_CASE("a frozen layer keeps its bits, whatever the optimizer and its decay") {
  for (const std::string& optimizer : kOptimizers) {
    INFO(optimizer);
    std::string text = with_optimizer(optimizer).text();
    const std::string code = "{ name = \"code\", ";
    text.insert(text.find(code) + code.size(), "freeze = true, ");
    const Graph graph = graph_of(text, toy_data);
    Machine machine(graph);
    const Arrays before = machine.state();
    const ToyBatch batch = toy_batch(1);
    for (int i = 0; i < 2; ++i) machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
    CHECK(machine["classifier/code/kernel"] == before.at("classifier/code/kernel"));
    CHECK(machine["classifier/code/bias"] == before.at("classifier/code/bias"));
    CHECK_FALSE(machine["classifier/logits/kernel"] == before.at("classifier/logits/kernel"));
  }
}
