// What a step minimises: the classifier's loss with its decoders' signed terms, and a decoder's loss alone.
#include "catch.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

constexpr const char* plain_descent = "{ type = \"sgd\", learning_rate = 1.0 }";

struct Signed {
  std::string near_sign;
  std::string far_sign;
};

Toy descending(const Signed& signs) {
  Toy toy;
  toy.optimizer = plain_descent;
  toy.near.sign = signs.near_sign;
  toy.far.sign = signs.far_sign;
  return toy;
}

/// Gradient of the classifier's total by all its weights, read off one step of plain descent with learning rate 1.
std::vector<double> gradient(const Toy& toy) {
  const Graph graph = toy.graph();
  Machine machine(graph);
  const Arrays before = machine.state();
  const ToyBatch batch = toy_batch(1);
  machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
  std::vector<double> result;
  for (const VariableDeclaration& variable : machine.declarations()) {
    if (variable.player != "classifier" || variable.role != VariableRole::weight) continue;
    for (std::size_t i = 0; i < before.at(variable.name).size(); ++i) {
      result.push_back(before.at(variable.name).get(i) - machine[variable.name].get(i));
    }
  }
  return result;
}

double largest(const std::vector<double>& values) {
  double result = 0.0;
  for (const double value : values) result = std::max(result, std::abs(value));
  return result;
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> result(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) result[i] = a[i] - b[i];
  return result;
}

double total(const Graph& graph, Machine machine, const ToyBatch& batch) {
  return machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label).at("total").get(0);
}

}  // namespace

TEST_CASE("flipping a decoder's sign flips exactly that term's gradient") {
  const std::vector<double> without = gradient(descending({"none", "positive"}));
  const std::vector<double> negative = difference(gradient(descending({"negative", "positive"})), without);
  const std::vector<double> positive = difference(gradient(descending({"positive", "positive"})), without);
  REQUIRE(largest(positive) > 1e-4);
  for (std::size_t i = 0; i < positive.size(); ++i) CHECK(positive[i] == Approx(-negative[i]).margin(1e-12));
}

TEST_CASE("the sign is the classifier's business: the decoder's own step is the same to the bit") {
  const auto trained = [](const std::string& sign) {
    const Graph graph = descending({sign, "none"}).graph();
    Machine machine(graph);
    const ToyBatch batch = toy_batch(1);
    const StepProgram step = decoder_step(graph, 0, toy_batch_size);
    const double first = machine.run(step, batch.image, batch.label).at("loss").get(0);
    double last = first;
    for (int i = 0; i < 20; ++i) last = machine.run(step, batch.image, batch.label).at("loss").get(0);
    CHECK(last < first);  // it learns to recreate, not to fail
    return machine["near/pixels/kernel"];
  };
  const Array negative = trained("negative");
  CHECK(trained("positive") == negative);
  CHECK(trained("none") == negative);
}

TEST_CASE("the classifier's gradient agrees with finite differences through both decoders") {
  const Toy toy = descending({"negative", "positive"});
  const Graph graph = toy.graph();
  const ToyBatch batch = toy_batch(1);
  Machine stepped(graph);
  stepped.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
  const Machine start(graph);
  for (const std::string name :
       {"classifier/conv/kernel", "classifier/code/kernel", "classifier/code/bias"}) {
    for (const std::size_t element : {0U, 3U}) {
      const double h = 1e-5;
      Machine above = start, below = start;
      const double value = above[name].get(element);
      above[name].set(element, value + h);
      below[name].set(element, value - h);
      const double slope = (total(graph, above, batch) - total(graph, below, batch)) / (2 * h);
      INFO(name << " " << element);
      CHECK(value - stepped[name].get(element) == Approx(slope).epsilon(1e-5).margin(1e-8));
    }
  }
}

TEST_CASE("two decoders on two taps enter with their signs and weights") {
  const Graph graph = Toy{}.graph();
  Machine machine(graph);
  const ToyBatch batch = toy_batch(1);
  const Arrays out = machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
  CHECK(out.at("total").get(0) ==
        Approx(out.at("loss").get(0) - 1.5 * out.at("near/loss").get(0) + 0.5 * out.at("far/loss").get(0))
            .epsilon(1e-12));
  CHECK(machine.number("metrics/train/loss") == Approx(5 * out.at("loss").get(0)).epsilon(1e-12));
  CHECK(machine.number("metrics/train/total") == Approx(5 * out.at("total").get(0)).epsilon(1e-12));
  CHECK(machine.number("metrics/train/near/in_loss") ==
        Approx(5 * out.at("near/loss").get(0)).epsilon(1e-12));
  CHECK(machine.number("metrics/train/images") == 5.0);
}

TEST_CASE("a decoder whose loss doesn't enter is not run in the classifier's step") {
  Toy toy;
  toy.near = {"none", 1.5};
  toy.far = {"negative", 0.0};
  const Graph graph = toy.graph();
  const StepProgram step = classifier_step(graph, toy_batch_size);
  for (const VariableDeclaration& variable : step.variables) {
    INFO(variable.name);
    CHECK_FALSE(variable.name.starts_with("near/"));
    CHECK_FALSE(variable.name.starts_with("far/"));
    CHECK(variable.name.find("in_loss") == std::string::npos);
  }
  CHECK_FALSE(step.program.find_output("near/loss"));
  CHECK_FALSE(step.program.find_output("far/loss"));
  // Their own steps are as ever.
  CHECK(decoder_step(graph, 0, toy_batch_size).program.find_output("loss"));
}

TEST_CASE("without a loss the decoders' alone train the classifier") {
  Toy toy;
  toy.loss = false;
  std::string text = toy.text();
  const auto logits = text.find("  { name = \"logits\"");
  text.erase(logits, text.find('\n', logits) - logits + 1);
  const Graph graph = graph_of(text, {{1, 6, 6}, 0});
  const StepProgram step = classifier_step(graph, toy_batch_size);
  CHECK_FALSE(step.program.find_output("loss"));
  CHECK_FALSE(step.program.find_input("label"));
  CHECK_FALSE(step.program.find_variable("metrics/train/correct"));
  Machine machine(graph);
  const ToyBatch batch = toy_batch(1);
  const Arrays out = machine.run(step, batch.image, batch.label);
  CHECK(out.at("total").get(0) ==
        Approx(-1.5 * out.at("near/loss").get(0) + 0.5 * out.at("far/loss").get(0)).epsilon(1e-12));
  CHECK(prediction(graph, 2).program.find_output("output"));
}

TEST_CASE("a target layer isn't moved to meet the recreation") {
  const auto text = [](const std::string& sign) {
    return std::string("[train]\nbatch = 5\n[classifier]\nloss = \"cross_entropy\"\noptimizer = ") +
           plain_descent + R"(
layers = [
  { name = "flat", type = "flatten" },
  { name = "code", type = "dense", units = 4 },
  { name = "goal", type = "dense", units = 3, inputs = ["flat"] },
  { name = "logits", type = "add", inputs = ["goal", "answer"] },
  { name = "answer", type = "dense", units = 3, inputs = ["code"] },
  { name = "last", type = "activation", function = "tanh", inputs = ["logits"] },
]
[[decoder]]
name = "guess"
tap = "code"
target = "goal"
loss = "mse"
sign = ")" +
           sign + "\"\noptimizer = " + plain_descent +
           "\nlayers = [ { name = \"guess\", type = \"dense\", units = 3 } ]\n";
  };
  const auto stepped = [&](const std::string& sign) {
    const Graph graph = graph_of(text(sign), toy_data);
    Machine machine(graph);
    const ToyBatch batch = toy_batch(1);
    machine.run(classifier_step(graph, toy_batch_size), batch.image, batch.label);
    return machine;
  };
  Machine with = stepped("positive");
  Machine without = stepped("none");
  CHECK(with["classifier/goal/kernel"] == without["classifier/goal/kernel"]);
  CHECK_FALSE(with["classifier/code/kernel"] == without["classifier/code/kernel"]);
}
