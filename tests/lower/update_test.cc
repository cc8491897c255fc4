// What the graph says of single layers' weights and of gradients changes the step in exactly the way it says. All by comparison with a plain step of
// gradient descent from the same weights, w' = w − η·g, which tells g.
#include <algorithm>
#include <cmath>

#include "catch.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

constexpr double rate = 0.5;

/// Two dense layers between the image and the answer; `code` and `optimizer` are more keys of one and of the optimizer.
std::string network(const std::string& code, const std::string& optimizer) {
  return "[train]\nbatch = 5\n[classifier]\nloss = \"cross_entropy\"\noptimizer = { type = \"sgd\", learning_rate = 0.5" +
         optimizer + " }\nlayers = [ { name = \"flat\", type = \"flatten\" }, { name = \"code\", type = \"dense\", units = 4" +
         code + " }, { name = \"logits\", type = \"dense\", units = 3 } ]\n";
}

struct Step {
  Arrays before;
  Arrays after;
  Arrays outputs;

  /// What element i of a weight moved by.
  double change(const std::string& weight, std::size_t i) const {
    return after.at(weight).get(i) - before.at(weight).get(i);
  }
};

Step step_of(const std::string& code, const std::string& optimizer = "") {
  const Graph graph = graph_of(network(code, optimizer), toy_data);
  Machine machine(graph);
  Step step{machine.state(), {}, {}};
  const ToyBatch batch = toy_batch(1);
  step.outputs = machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
  step.after = machine.state();
  return step;
}

const std::vector<std::string> weights{"classifier/code/kernel", "classifier/code/bias", "classifier/logits/kernel",
                                       "classifier/logits/bias"};

template <class Check>
void for_each_weight(const Step& step, Check check) {
  for (const std::string& name : weights) {
    INFO(name);
    for (std::size_t i = 0; i < step.before.at(name).size(); ++i) check(name, i);
  }
}

}  // namespace

TEST_CASE("l2 adds 2·l2·w to the gradient of its layer's kernel, and l1 the sign, to no bias and no other layer") {
  const Step plain = step_of("");
  const Step squares = step_of(", l2 = 0.25");
  const Step lengths = step_of(", l1 = 0.25");
  for_each_weight(plain, [&](const std::string& name, std::size_t i) {
    const double w = plain.before.at(name).get(i);
    const bool penalised = name == "classifier/code/kernel";
    CHECK(squares.change(name, i) ==
          Approx(plain.change(name, i) - (penalised ? rate * 2.0 * 0.25 * w : 0.0)).margin(1e-12));
    CHECK(lengths.change(name, i) ==
          Approx(plain.change(name, i) - (penalised ? rate * 0.25 * std::copysign(1.0, w) : 0.0)).margin(1e-12));
  });
}

TEST_CASE("a penalty is part of the total and not of the loss") {
  const Step plain = step_of("");
  const Step squares = step_of(", l2 = 0.25");
  double sum = 0.0;
  const Array& kernel = plain.before.at("classifier/code/kernel");
  for (std::size_t i = 0; i < kernel.size(); ++i) sum += kernel.get(i) * kernel.get(i);
  CHECK(squares.outputs.at("loss") == plain.outputs.at("loss"));
  CHECK(squares.outputs.at("total").get(0) == Approx(plain.outputs.at("total").get(0) + 0.25 * sum));
}

TEST_CASE("learning_rate_factor scales its layer's step, freeze leaves the layer as it is") {
  const Step plain = step_of("");
  const Step slow = step_of(", learning_rate_factor = 0.125");
  const Step frozen = step_of(", freeze = true");
  for_each_weight(plain, [&](const std::string& name, std::size_t i) {
    const bool own = name.starts_with("classifier/code/");
    CHECK(slow.change(name, i) == Approx((own ? 0.125 : 1.0) * plain.change(name, i)).margin(1e-12));
    CHECK(frozen.change(name, i) == (own ? 0.0 : plain.change(name, i)));
  });
}

TEST_CASE("a frozen layer has no moments and is not penalised") {
  const Graph graph = graph_of(network(", freeze = true, l2 = 0.5", ", momentum = 0.9"), toy_data);
  const Machine machine(graph);
  CHECK_FALSE(machine.has("classifier/code/kernel/momentum"));
  CHECK(machine.has("classifier/logits/kernel/momentum"));
  CHECK(step_of(", freeze = true, l2 = 0.5").outputs.at("total") == step_of("").outputs.at("total"));
}

TEST_CASE("clip_value holds each number of the gradient within its limit") {
  const Step plain = step_of("");
  const Step clipped = step_of("", ", clip_value = 0.01");
  int held = 0;
  for_each_weight(plain, [&](const std::string& name, std::size_t i) {
    const double gradient = -plain.change(name, i) / rate;
    held += std::abs(gradient) > 0.01 ? 1 : 0;
    CHECK(clipped.change(name, i) == Approx(-rate * std::clamp(gradient, -0.01, 0.01)).margin(1e-12));
  });
  CHECK(held > 0);
}

TEST_CASE("clip_norm scales all gradients together to its norm, and leaves shorter ones alone") {
  const Step plain = step_of("");
  double squares = 0.0;
  for_each_weight(plain, [&](const std::string& name, std::size_t i) {
    const double gradient = plain.change(name, i) / rate;
    squares += gradient * gradient;
  });
  const double norm = std::sqrt(squares);
  REQUIRE(norm > 0.1);
  const Step clipped = step_of("", ", clip_norm = 0.1");
  const Step alone = step_of("", ", clip_norm = " + std::to_string(2.0 * norm));
  for_each_weight(plain, [&](const std::string& name, std::size_t i) {
    CHECK(clipped.change(name, i) == Approx(0.1 / norm * plain.change(name, i)).margin(1e-12));
    CHECK(alone.change(name, i) == Approx(plain.change(name, i)).margin(1e-12));
  });
}

TEST_CASE("a sum of losses is the weighted sum of its terms") {
  const auto loss_of = [](const std::string& loss) {
    const Graph graph = graph_of(
        "[train]\nbatch = 5\n[classifier]\noptimizer = \"sgd\"\nlayers = [ { type = \"flatten\" }, { name = \"code\", type = "
        "\"dense\", units = 4 } ]\n[[decoder]]\nname = \"d\"\ntap = \"code\"\nsign = \"positive\"\nloss = " + loss +
            "\nlayers = [ { name = \"p\", type = \"dense\", units = 36 }, { name = \"i\", type = \"reshape\", shape = [1, 6, 6] } ]\n",
        toy_data);
    Machine machine(graph);
    const ToyBatch batch = toy_batch(1);
    return machine.run(decoder_step(graph, 0, toy_batch_size), batch.image, batch.label).at("loss").get(0);
  };
  CHECK(loss_of("[ { type = \"mse\", weight = 0.75 }, { type = \"mae\", weight = 2.0 } ]") ==
        Approx(0.75 * loss_of("\"mse\"") + 2.0 * loss_of("\"mae\"")));
}

TEST_CASE("a decoder on another's output leaves the other and the classifier unchanged to the bit") {
  const Graph graph = graph_of(
      "[train]\nbatch = 5\n[classifier]\nloss = \"cross_entropy\"\noptimizer = \"adam\"\nlayers = [ { name = \"flat\", type = "
      "\"flatten\" }, { name = \"code\", type = \"dense\", units = 4 }, { name = \"logits\", type = \"dense\", units = 3 } ]\n"
      "[[decoder]]\nname = \"fine\"\ntap = [\"coarse\", \"flat\"]\ntarget = \"coarse/wide\"\nlayers = [ { name = \"both\", type = "
      "\"concat\" }, { name = \"out\", type = \"dense\", units = 8 } ]\n"
      "[[decoder]]\nname = \"coarse\"\ntap = \"code\"\nlayers = [ { name = \"wide\", type = \"dense\", units = 8 }, { name = "
      "\"pixels\", type = \"dense\", units = 36 }, { name = \"square\", type = \"reshape\", shape = [1, 6, 6] }, { name = "
      "\"line\", type = \"flatten\" } ]\ntarget = \"flat\"\n",
      toy_data);
  Machine machine(graph);
  const Arrays before = machine.state();
  const ToyBatch batch = toy_batch(1);
  machine.run(decoder_step(graph, 0, toy_batch_size), batch.image, batch.label);
  for (const VariableDeclaration& variable : machine.declarations()) {
    INFO(variable.name);
    const bool moved = !(machine.state().at(variable.name) == before.at(variable.name));
    if (variable.role == VariableRole::weight) CHECK(moved == (variable.player == "fine"));
  }
}
