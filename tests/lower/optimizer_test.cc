// An optimiser of a plugin's author, made of plain ops that know nothing of the gate.
#include <limits>

#include "catch.h"
#include "machine.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const Registry& own_optimizer() {
  static Registry registry;
  static const bool loaded = [] {
    load_builtin_plugins(registry);
    registry.begin_plugin({"own optimiser", "1", "Apache-2.0", "optimizer_test.cc", {}});
    OptimizerType type;
    type.name = "averaging";
    type.summary = "Descends along a running average of the gradient.";
    type.parameters = {parameter("learning_rate", {ParameterType::number}, 0.5, "Step size.")};
    type.build = [](OptimizerBuilder& b) {
      const Tensor average = b.moment("average");
      const Tensor next = 0.9 * average + 0.1 * b.gradient();
      b.update_moment(average, next);
      return b.weight() - b.learning_rate() * next;
    };
    registry.add_optimizer(std::move(type));
    registry.end_plugin(true);
    return true;
  }();
  (void)loaded;
  return registry;
}

}  // namespace

TEST_CASE("an optimiser made of plain ops trains, and is held back when the loss is no number") {
  const Graph graph = graph_of(R"(
[train]
batch = 4
[classifier]
loss = "cross_entropy"
optimizer = "averaging"
layers = [ { name = "flat", type = "flatten" }, { name = "logits", type = "dense", units = 3 } ]
)",
                               {{1, 2, 2}, 3}, own_optimizer());
  Machine machine(graph);
  const StepProgram step = classifier_step(graph, 4);
  ToyBatch batch = toy_batch({4, 1, 2, 2}, 3, 1);
  const double first = machine.run(step, batch.image, batch.label).at("loss").get(0);
  for (int i = 0; i < 10; ++i) machine.run(step, batch.image, batch.label);
  CHECK(machine.run(step, batch.image, batch.label).at("loss").get(0) < first);

  Arrays before = machine.state();
  batch.image.set(0, std::numeric_limits<double>::infinity());
  machine.run(step, batch.image, batch.label);
  CHECK(machine.number("health") == 0.0);
  before["health"] = machine["health"];
  CHECK(machine.state() == before);
}
