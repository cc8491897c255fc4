// What the stabilisers of [[decoder]] make of the players' steps: gradients against finite differences in f64, and what may move.

#include <cmath>
#include <functional>

#include "catch.h"
#include "config/quote.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// A tap whose decoder has a hidden layer. Gradient descent of rate 1, so that a step takes off the gradient itself.
std::string network(const std::string& decoder_keys, const std::string& more = "") {
  return R"([train]
batch = 5
[classifier]
loss = "cross_entropy"
optimizer = { type = "sgd", learning_rate = 1.0 }
layers = [
  { name = "flat", type = "flatten" },
  { name = "code", type = "dense", units = 4, activation = "tanh" },
  { name = "drop", type = "dropout", rate = 0.25 },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "near"
tap = "code"
weight = 1.5
optimizer = { type = "sgd", learning_rate = 1.0 }
)" + decoder_keys + R"(
layers = [
  { name = "wide", type = "dense", units = 6, activation = "tanh" },
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },
]
)" + more;
}

Machine machine_of(const Graph& graph) {
  Machine machine(graph);
  for (const auto& [name, array] : machine.state()) {
    if (name != "mean_image" && name != "class_means") continue;
    const Philox random(11, 5);
    Array& given = machine[name];
    for (std::size_t i = 0; i < given.size(); ++i) given.set(i, 0.25 + 0.5 * random.uniform(i));
  }
  return machine;
}

/// What a step of gradient descent took off each weight of a player.
std::map<std::string, std::vector<double>> steps_taken(Machine machine, const StepProgram& step, const ToyBatch& batch,
                                                       const std::string& player) {
  const Arrays before = machine.state();
  machine.run(step, batch.image, batch.label);
  std::map<std::string, std::vector<double>> taken;
  for (const VariableDeclaration& variable : machine.declarations()) {
    if (variable.player != player || variable.role != VariableRole::weight) continue;
    std::vector<double> difference = before.at(variable.name).numbers();
    const std::vector<double> after = machine[variable.name].numbers();
    for (std::size_t i = 0; i < difference.size(); ++i) difference[i] -= after[i];
    taken[variable.name] = difference;
  }
  return taken;
}

/// The player's gradient against differences of the step's output `loss`, at a few elements of each of its weights.
void check_against_differences(const Graph& graph, const std::string& player, const std::string& loss) {
  const StepProgram step = classifier_step(graph, 5);
  const ToyBatch batch = toy_batch(3);
  const Machine machine = machine_of(graph);
  constexpr double h = 1e-6;
  for (const auto& [name, gradient] : steps_taken(machine, step, batch, player)) {
    for (std::size_t i = 0; i < gradient.size(); i += 1 + gradient.size() / 7) {
      const auto at = [&](double shift) {
        Machine moved = machine;
        moved[name].set(i, moved[name].get(i) + shift);
        return moved.run(step, batch.image, batch.label).at(loss).get(0);
      };
      INFO(player << ": " << name << " [" << i << "]");
      CHECK(gradient[i] == Approx((at(h) - at(-h)) / (2 * h)).epsilon(1e-5).margin(1e-8));
    }
  }
}

double norm(const std::map<std::string, std::vector<double>>& gradients) {
  double squares = 0.0;
  for (const auto& [name, values] : gradients) {
    for (const double value : values) squares += value * value;
  }
  return std::sqrt(squares);
}

Arrays outputs_of(const Graph& graph, const std::function<void(Machine&)>& change = {}) {
  Machine machine = machine_of(graph);
  if (change) change(machine);
  const ToyBatch batch = toy_batch(3);
  return machine.run(classifier_step(graph, 5), batch.image, batch.label);
}

double output(const Arrays& outputs, const std::string& name) { return outputs.at(name).get(0); }

}  // namespace

TEST_CASE("the classifier's gradient of every objective is that of finite differences") {
  for (const char* keys :
       {"", "objective = \"uniform\"", "objective = \"class_mean\"", "objective = \"gradient_reversal\"", "ceiling = 10.0",
        "objective = \"gradient_reversal\"\nceiling = 10.0", "warmup = 2", "schedule = \"cosine\"", "ensemble = 3",
        "ensemble = 3\nobjective = \"class_mean\"", "ensemble = 2\nobjective = \"gradient_reversal\"", "noise = 0.5",
        "bound = \"layer_norm\"", "bound = \"tanh\"\nnoise = 0.25", "bound = \"sigmoid\"\nobjective = \"uniform\"",
        "loss = \"huber\"\nobjective = \"class_mean\"", "sign = \"positive\"\nensemble = 2"}) {
    INFO(keys);
    const Graph graph = graph_of(network(keys), toy_data);
    check_against_differences(graph, "classifier", "total");
  }
}

TEST_CASE("the total is what each objective says") {
  const Arrays plain = outputs_of(graph_of(network(""), toy_data));
  const double loss = output(plain, "loss");
  const double near = output(plain, "near/loss");
  CHECK(output(plain, "total") == Approx(loss - 1.5 * near));

  const Arrays below = outputs_of(graph_of(network("ceiling = " + std::to_string(near / 2)), toy_data));
  CHECK(output(below, "total") == Approx(loss - 1.5 * near / 2).epsilon(1e-5));
  const Graph at_mean = graph_of(network("ceiling = \"mean_image\""), toy_data);
  const auto set_ceiling = [&](Machine& machine) { machine["near/ceiling"].set(0, near / 4); };
  CHECK(output(outputs_of(at_mean, set_ceiling), "total") == Approx(loss - 1.5 * near / 4));

  const Graph warming = graph_of(network("warmup = 2"), toy_data);
  CHECK(output(outputs_of(warming), "total") == Approx(loss - 1.5 * near));
  const auto set_weight = [](Machine& machine) { machine["near/weight"].set(0, 0.5); };
  CHECK(output(outputs_of(warming, set_weight), "total") == Approx(loss - 0.5 * near));

  // With the mean image for the truth, the two losses are one.
  const auto truth_is_mean = [](Machine& machine) {
    const ToyBatch batch = toy_batch(3);
    for (std::size_t i = 0; i < 36; ++i) machine["mean_image"].set(i, batch.image.get(i));
  };
  const Arrays uniform = outputs_of(graph_of(network("objective = \"uniform\""), toy_data), truth_is_mean);
  CHECK(output(uniform, "near/loss") == Approx(near));
  CHECK(output(uniform, "total") > output(uniform, "loss"));
}

TEST_CASE("class means are those of each image's own class") {
  const Graph graph = graph_of(network("objective = \"class_mean\""), toy_data);
  const ToyBatch batch = toy_batch(3);
  Machine machine = machine_of(graph);
  // Each class's mean is one number everywhere; then the loss is known from the decoder's output, and a change in a class without images changes nothing.
  std::vector<bool> there(3, false);
  for (std::size_t i = 0; i < batch.label.size(); ++i) there[static_cast<std::size_t>(batch.label.get(i))] = true;
  const double before = machine_of(graph).run(classifier_step(graph, 5), batch.image, batch.label).at("total").get(0);
  for (std::size_t c = 0; c < 3; ++c) {
    Machine moved = machine_of(graph);
    for (std::size_t k = 0; k < 36; ++k) moved["class_means"].set(c * 36 + k, 5.0);
    const double after = moved.run(classifier_step(graph, 5), batch.image, batch.label).at("total").get(0);
    CHECK((after > before) == there[c]);
  }
}

TEST_CASE("beyond its ceiling a decoder's loss moves the classifier no more") {
  const ToyBatch batch = toy_batch(3);
  const Graph held = graph_of(network("ceiling = 0.0"), toy_data);
  const Graph without = graph_of(network("sign = \"none\""), toy_data);
  CHECK(steps_taken(machine_of(held), classifier_step(held, 5), batch, "classifier") ==
        steps_taken(machine_of(without), classifier_step(without, 5), batch, "classifier"));
}

TEST_CASE("clip holds the term's gradient to so many times the classifier's own") {
  const ToyBatch batch = toy_batch(3);
  const auto taken = [&](const std::string& keys) {
    const Graph graph = graph_of(network(keys), toy_data);
    return steps_taken(machine_of(graph), classifier_step(graph, 5), batch, "classifier");
  };
  const auto own = taken("sign = \"none\"");
  const auto both = taken("");
  auto term = both;
  for (auto& [name, values] : term) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] -= own.at(name)[i];
  }
  const double ratio = norm(term) / norm(own);
  for (const double clip : {ratio / 3, ratio * 3}) {
    const auto clipped = taken("clip = " + number_text(clip));
    const double factor = std::min(1.0, clip / ratio);
    INFO("clip " << clip << " of " << ratio);
    for (const auto& [name, values] : clipped) {
      for (std::size_t i = 0; i < values.size(); ++i)
        CHECK(values[i] == Approx(own.at(name)[i] + factor * term.at(name)[i]).epsilon(1e-5).margin(1e-9));
    }
  }
}

TEST_CASE("with gradient_reversal both learn in one step, from the same weights, each its own gradient") {
  const Graph graph = graph_of(network("objective = \"gradient_reversal\""), toy_data);
  check_against_differences(graph, "near", "near/loss");
  const StepProgram step = classifier_step(graph, 5);
  const ToyBatch batch = toy_batch(3);
  Machine machine = machine_of(graph);
  machine.run(step, batch.image, batch.label);
  CHECK(machine.number("near/step") == 1.0);
  CHECK(machine.number("classifier/step") == 1.0);
  CHECK(machine.number("metrics/train/near/images") == 5.0);
  // The classifier's own step is that of the negative loss.
  const Graph turns = graph_of(network(""), toy_data);
  CHECK(steps_taken(machine_of(graph), step, batch, "classifier") ==
        steps_taken(machine_of(turns), classifier_step(turns, 5), batch, "classifier"));
}

TEST_CASE("a decoder's total that is no number holds back the classifier that learns with it") {
  const Graph graph = graph_of(network("objective = \"gradient_reversal\"\nceiling = 1.0"), toy_data);
  ToyBatch batch = toy_batch(3);
  Machine machine = machine_of(graph);
  machine["near/pixels/bias"].set(0, std::nan(""));
  const Arrays before = machine.state();
  machine.run(classifier_step(graph, 5), batch.image, batch.label);
  CHECK(machine.number("health") == 0.0);
  for (const auto& [name, array] : machine.state()) {
    if (name != "health") CHECK(array == before.at(name));
  }
}

TEST_CASE("of an ensemble the classifier faces the decoder with the lowest loss") {
  const Graph graph = graph_of(network("ensemble = 3"), toy_data);
  REQUIRE(graph.decoders().size() == 3);
  CHECK(graph.decoders()[1].name == "near-2");
  CHECK(graph.decoders()[0].layers[0].output == Shape{5, 6});
  CHECK(graph.decoders()[1].layers[0].output == Shape{5, 12});
  CHECK(graph.decoders()[2].layers[0].output == Shape{5, 3});
  const Arrays outputs = outputs_of(graph);
  const double best = std::min({output(outputs, "near/loss"), output(outputs, "near-2/loss"), output(outputs, "near-3/loss")});
  CHECK(output(outputs, "total") == Approx(output(outputs, "loss") - 1.5 * best));
}

TEST_CASE("members of an ensemble without hidden widths begin differently") {
  const std::string text = network("ensemble = 2");
  std::string narrow = text;
  const std::string wide = "  { name = \"wide\", type = \"dense\", units = 6, activation = \"tanh\" },\n";
  narrow.erase(narrow.find(wide), wide.size());
  const Graph graph = graph_of(narrow, toy_data);
  Machine machine(graph);
  CHECK(machine["near/pixels/kernel"].shape() == machine["near-2/pixels/kernel"].shape());
  CHECK_FALSE(machine["near/pixels/kernel"] == machine["near-2/pixels/kernel"]);
}

TEST_CASE("a width before a reshape or an addition stays in an ensemble") {
  const std::string layers = R"(
[[decoder]]
name = "grown"
tap = "code"
ensemble = 2
layers = [
  { name = "seed", type = "dense", units = 36 },
  { name = "grid", type = "reshape", shape = [4, 3, 3] },
  { name = "hidden", type = "conv2d", filters = 6, kernel = 1 },
  { name = "norm", type = "batch_norm" },
  { name = "grow", type = "conv2d_transpose", filters = 1, kernel = 2, stride = 2 },
]
)";
  const Graph graph = graph_of(network("", layers), toy_data);
  REQUIRE(graph.decoders().size() == 3);
  const Player& member = graph.decoders()[2];
  CHECK(member.layers[0].output == Shape{5, 36});
  CHECK(member.layers[2].output == Shape{5, 12, 3, 3});
  CHECK(member.layers[4].output == Shape{5, 1, 6, 6});
}

TEST_CASE("noise on the tap is there in training, and in use where that is asked for") {
  const ToyBatch batch = toy_batch(3);
  const auto representation = [&](const std::string& keys, int times) {
    const Graph graph = graph_of(network(keys), toy_data);
    Machine machine = machine_of(graph);
    const StepProgram step = prediction(graph, 5);
    Arrays outputs;
    for (int i = 0; i < times; ++i) outputs = machine.run(step, batch.image, batch.label);
    return outputs.at("near/representation").numbers();
  };
  const std::vector<double> clean = representation("", 1);
  CHECK(representation("noise = 0.5", 1) == clean);
  const std::vector<double> first = representation("noise = 0.5\nnoise_in_use = true", 1);
  const std::vector<double> second = representation("noise = 0.5\nnoise_in_use = true", 2);
  CHECK(first != clean);
  CHECK(first != second);  // fresh for every batch
  CHECK(representation("noise = 0.5\nnoise_in_use = true", 1) == first);

  // The classifier's later layers see it, too.
  const auto loss = [&](const std::string& keys) { return output(outputs_of(graph_of(network(keys), toy_data)), "loss"); };
  CHECK(loss("noise = 0.5") != loss(""));
  CHECK(loss("noise = 0.5") == loss("noise = 0.5\nsign = \"none\""));
}

TEST_CASE("bounds hold the tap within their range") {
  const ToyBatch batch = toy_batch(3);
  const auto representation = [&](const std::string& keys) {
    const Graph graph = graph_of(network(keys), toy_data);
    Machine machine = machine_of(graph);
    for (std::size_t i = 0; i < 4; ++i) machine["classifier/code/bias"].set(i, static_cast<double>(i) - 1.0);
    return machine.run(prediction(graph, 5), batch.image, batch.label).at("near/representation").numbers();
  };
  const std::vector<double> raw = representation("");
  const std::vector<double> tanh_of = representation("bound = \"tanh\"");
  const std::vector<double> sigmoid_of = representation("bound = \"sigmoid\"");
  const std::vector<double> normed = representation("bound = \"layer_norm\"");
  for (std::size_t i = 0; i < raw.size(); ++i) {
    CHECK(tanh_of[i] == Approx(std::tanh(raw[i])));
    CHECK(sigmoid_of[i] == Approx(1.0 / (1.0 + std::exp(-raw[i]))));
  }
  for (std::size_t row = 0; row < 5; ++row) {
    double sum = 0.0;
    double squares = 0.0;
    for (std::size_t i = 0; i < 4; ++i) {
      sum += normed[row * 4 + i];
      squares += normed[row * 4 + i] * normed[row * 4 + i];
    }
    CHECK(sum == Approx(0.0).margin(1e-9));
    CHECK(squares / 4 == Approx(1.0).epsilon(1e-2));
  }
}

TEST_CASE("a layer's penalty enters its own player's loss, and no other's") {
  const std::string text = R"([train]
batch = 5
[classifier]
loss = "cross_entropy"
optimizer = { type = "sgd", learning_rate = 1.0 }
layers = [
  { name = "flat", type = "flatten" },
  { name = "code", type = "variational", units = 4, kl_weight = 0.5 },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "near"
tap = "code"
sign = "none"
layers = [
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },
]
)";
  const Graph graph = graph_of(text, toy_data);
  check_against_differences(graph, "classifier", "total");
  const Arrays outputs = outputs_of(graph);
  CHECK(output(outputs, "total") > output(outputs, "loss"));
  Machine machine = machine_of(graph);
  const ToyBatch batch = toy_batch(3);
  const Arrays decoders = machine.run(decoder_step(graph, 0, 5), batch.image, batch.label);
  CHECK(output(decoders, "total") == output(decoders, "loss"));
}

TEST_CASE("distance correlation of the tap and the image is a loss without a decoder to learn") {
  std::string text = network("loss = \"distance_correlation\"\nsign = \"positive\"");
  const std::size_t from = text.rfind("layers = [");
  text = text.substr(0, from) + "layers = [{ type = \"flatten\" }]\n";
  const Graph graph = graph_of(text, toy_data);
  check_against_differences(graph, "classifier", "total");
  const double near = output(outputs_of(graph), "near/loss");
  CHECK(near > 0.0);
  CHECK(near <= 1.0);
  Machine machine = machine_of(graph);
  const ToyBatch batch = toy_batch(3);
  CHECK(output(machine.run(decoder_step(graph, 0, 5), batch.image, batch.label), "loss") > 0.0);
}

TEST_CASE("what a network lacks for a stabiliser is told") {
  const auto told = [](const std::string& text, const DataShape& data = toy_data) { return complaint(text, data); };
  using Catch::Matchers::Contains;
  CHECK_THAT(told(network("objective = \"class_mean\""), {{1, 6, 6}, 0}), Contains("needs labels, and the data has none"));
  std::string encoder = network("sign = \"positive\"\nclip = 1");
  encoder.erase(encoder.find("loss = \"cross_entropy\"\n"), 23);
  CHECK_THAT(told(encoder), Contains("compares with the gradient of the classifier's own loss, and the classifier has none"));
  std::string shared = network("restarts = 2");
  shared.replace(shared.find("batch = 5"), 9, "batch = 5\nshared_step_count = true");
  CHECK_THAT(told(shared), Contains("restarts, with a step count that begins anew"));
  std::string distance = network("loss = \"distance_correlation\"");
  CHECK_THAT(told(distance), Contains("write sign = \"positive\""));
  const std::string second = R"(
[[decoder]]
name = "near-2"
tap = "code"
noise = 0.75
layers = [{ type = "dense", units = 36 }, { type = "reshape", shape = [1, 6, 6] }]
)";
  CHECK_THAT(told(network("ensemble = 2", second)), Contains("is called as a member of the ensemble of \"near\" will be"));
  CHECK_THAT(told(network("noise = 0.5", second)), Contains("asks for another noise there"));
  std::string chained = network("", second);
  chained.replace(chained.rfind("tap = \"code\""), 12, "tap = \"near\"");
  chained.replace(chained.rfind("layers = [{ type = \"dense\""), 10, "layers = [{ type = \"flatten\" }, ");
  CHECK_THAT(told(chained), Contains("changes a layer of the classifier, and taps another decoder"));
  std::string narrow = network("bound = \"layer_norm\"");
  narrow.replace(narrow.find("units = 4"), 9, "units = 1");
  CHECK_THAT(told(narrow), Contains("one number for each image, which would always be 0"));
}
