// Who changes what: a step moves what its own player owns, and not a bit of anything else.
#include <cmath>
#include <limits>

#include "catch.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

bool belongs_to_everybody(const VariableDeclaration& variable) {
  return variable.role == VariableRole::health || variable.role == VariableRole::metric;
}

/// Names of the variables outside a player's own that a step has changed.
std::vector<std::string> changed_outside(const Machine& machine, const Arrays& before,
                                         const std::string& player) {
  std::vector<std::string> changed;
  for (const VariableDeclaration& variable : machine.declarations()) {
    if (variable.player == player || belongs_to_everybody(variable)) continue;
    if (!(machine.state().at(variable.name) == before.at(variable.name))) changed.push_back(variable.name);
  }
  return changed;
}

/// Names of a player's own weights, moments, statistics and counters that have stayed.
std::vector<std::string> unchanged_inside(const Machine& machine, const Arrays& before,
                                          const std::string& player) {
  std::vector<std::string> unchanged;
  for (const VariableDeclaration& variable : machine.declarations()) {
    if (variable.player != player || belongs_to_everybody(variable)) continue;
    if (variable.role == VariableRole::learning_rate) continue;
    if (machine.state().at(variable.name) == before.at(variable.name)) unchanged.push_back(variable.name);
  }
  return unchanged;
}

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("the classifier's step leaves the decoders unchanged to the bit") {
  const Graph graph = Toy{}.graph();
  Machine machine(graph);
  const StepProgram step = classifier_step(graph, toy_batch_size);
  for (std::uint64_t s = 0; s < 3; ++s) {
    const Arrays before = machine.state();
    const ToyBatch batch = toy_batch(s);
    machine.run(step, batch.image, batch.label);
    CHECK(changed_outside(machine, before, "classifier") == Names{});
    CHECK(unchanged_inside(machine, before, "classifier") == Names{});
  }
}

TEST_CASE("a decoder's step leaves everything outside the decoder unchanged to the bit") {
  const Graph graph = Toy{}.graph();
  Machine machine(graph);
  for (std::size_t decoder = 0; decoder < 2; ++decoder) {
    const std::string& name = graph.decoders()[decoder].name;
    const StepProgram step = decoder_step(graph, decoder, toy_batch_size);
    for (std::uint64_t s = 0; s < 3; ++s) {
      const Arrays before = machine.state();
      const ToyBatch batch = toy_batch(s);
      machine.run(step, batch.image, batch.label);
      CHECK(changed_outside(machine, before, name) == Names{});
      CHECK(unchanged_inside(machine, before, name) == Names{});
    }
  }
}

TEST_CASE("what a step assigns is declared, and belongs to its player or to everybody") {
  const Graph graph = Toy{}.graph();
  const auto check = [](const StepProgram& step, const std::string& player) {
    for (const Assignment& assignment : step.program.assignments()) {
      const std::string& name = step.program.value(assignment.variable).name;
      const auto declared = std::find_if(step.variables.begin(), step.variables.end(),
                                         [&](const VariableDeclaration& v) { return v.name == name; });
      INFO(name);
      REQUIRE(declared != step.variables.end());
      CHECK((declared->player == player || belongs_to_everybody(*declared)));
    }
    CHECK(step.variables.size() == step.program.variables().size());
  };
  check(classifier_step(graph, toy_batch_size), "classifier");
  check(decoder_step(graph, 0, toy_batch_size), "near");
  check(decoder_step(graph, 1, toy_batch_size), "far");
  check(evaluation(graph, toy_batch_size), "");
  CHECK(prediction(graph, toy_batch_size).program.assignments().empty());
  CHECK(probe(graph, toy_batch_size).program.assignments().empty());
}

TEST_CASE("a loss that is no number stops everything but the health") {
  const Graph graph = Toy{}.graph();
  for (const bool classifier : {true, false}) {
    Machine machine(graph);
    const StepProgram step =
        classifier ? classifier_step(graph, toy_batch_size) : decoder_step(graph, 0, toy_batch_size);
    const ToyBatch good = toy_batch(1);
    machine.run(step, good.image, good.label);
    CHECK(machine.number("health") == 1.0);

    ToyBatch bad = good;
    bad.image.set(7, std::numeric_limits<double>::quiet_NaN());
    Arrays before = machine.state();
    machine.run(step, bad.image, bad.label);
    CHECK(machine.number("health") == 0.0);
    before["health"] = machine["health"];
    CHECK(machine.state() == before);  // metrics, too: their sums are not poisoned

    // Nor does anything move later, in this step or in another player's.
    machine.run(step, good.image, good.label);
    machine.run(decoder_step(graph, 1, toy_batch_size), good.image, good.label);
    CHECK(machine.state() == before);
  }
}

TEST_CASE("each player counts its own updates, or all count together") {
  const ToyBatch batch = toy_batch(1);
  const auto after_one_step_each = [&](const std::string& train) {
    Toy toy;
    toy.train = train;
    const Graph graph = toy.graph();
    Machine machine(graph);
    machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
    machine.run(decoder_step(graph, 0, toy_batch_size), batch.image, batch.label);
    return machine;
  };
  const auto largest_move = [](const Machine& machine) {
    double largest = 0.0;
    const Array& bias = machine.state().at("near/pixels/bias");  // begins at zero
    for (std::size_t i = 0; i < bias.size(); ++i) largest = std::max(largest, std::abs(bias.get(i)));
    return largest;
  };

  const Machine apart = after_one_step_each("");
  CHECK(apart.number("classifier/step") == 1.0);
  CHECK(apart.number("near/step") == 1.0);
  CHECK(apart.number("far/step") == 0.0);
  CHECK_FALSE(apart.has("shared/step"));
  // Adam's first move is the learning rate, whatever the gradient.
  CHECK(largest_move(apart) == Approx(0.01).epsilon(1e-3));

  const Machine together = after_one_step_each("shared_step_count = true");
  CHECK(together.number("shared/step") == 2.0);
  CHECK_FALSE(together.has("classifier/step"));
  // With the count at 2 and fresh moments: ((1-β1)/(1-β1²)) / √((1-β2)/(1-β2²)) = √(1+β2) / (1+β1) of it.
  CHECK(largest_move(together) == Approx(0.01 * std::sqrt(1.999) / 1.9).epsilon(1e-3));
}
