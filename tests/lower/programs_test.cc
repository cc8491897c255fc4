// What the programs are made of, and the numbers that variables begin with.
#include <algorithm>
#include <cmath>

#include "catch.h"
#include "lower/summary.h"
#include "toy.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

std::size_t count_ops(const Program& program, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(program.nodes().begin(), program.nodes().end(),
                                                [&](const Node& node) { return node.op->name == op; }));
}

std::vector<std::int64_t> random_streams(const Program& program) {
  std::vector<std::int64_t> streams;
  for (const Node& node : program.nodes()) {
    if (node.op->name == "random_uniform") streams.push_back(node.attributes.integer("stream"));
  }
  std::sort(streams.begin(), streams.end());
  return streams;
}

VariableDeclaration weight(const std::string& name, Initializer initializer) {
  return {name, {DType::f64, {100, 200}}, VariableRole::weight, "classifier", initializer};
}

}  // namespace

TEST_CASE("the decoder's step has no gradient below the tap, and nothing above it") {
  const Graph graph = Toy{}.graph();
  const Program far = decoder_step(graph, 1, toy_batch_size).program;  // on "flat": conv, norm, curve, flat
  CHECK(count_ops(far, "conv2d") == 1);
  CHECK(count_ops(far, "conv2d_backward_weights") == 0);
  CHECK(count_ops(far, "conv2d_backward_data") == 0);
  CHECK(count_ops(far, "batch_norm_backward") == 0);
  CHECK(count_ops(far, "tanh_backward") == 0);
  CHECK(count_ops(far, "matmul") == 2);  // "pixels" forward, and its kernel's gradient; none by the tap
  CHECK(count_ops(far, "random_uniform") == 0);
  CHECK_FALSE(far.find_variable("classifier/code/kernel"));
  CHECK_FALSE(far.find_variable("classifier/logits/kernel"));

  const Program near = decoder_step(graph, 0, toy_batch_size).program;  // on "code"
  CHECK(count_ops(near, "matmul") ==
        1 + 2 + 3);  // "code"; two forward; two by weights and one by data, which stops there
  CHECK(count_ops(near, "tanh_backward") == 0);
  CHECK(count_ops(near, "batch_norm_backward") == 1);  // the decoder's own
}

TEST_CASE("each player and layer draws random numbers of its own, evaluation none") {
  const Graph graph = Toy{}.graph();
  const auto classifier =
      random_streams(classifier_step(graph, toy_batch_size).program);  // its dropout and the decoder's
  const auto near = random_streams(decoder_step(graph, 0, toy_batch_size).program);
  REQUIRE(classifier.size() == 2);
  REQUIRE(near.size() == 2);
  std::vector<std::int64_t> all = classifier;
  all.insert(all.end(), near.begin(), near.end());
  std::sort(all.begin(), all.end());
  CHECK(std::unique(all.begin(), all.end()) == all.end());
  CHECK(random_streams(evaluation(graph, toy_batch_size).program).empty());
  // The probe shows what the classifier's step saw.
  CHECK(random_streams(probe(graph, toy_batch_size).program) == classifier);
}

TEST_CASE("a smaller last batch counts by its size") {
  const Graph graph = Toy{}.graph();
  const ToyBatch whole = toy_batch(3, 5);
  const auto part = [&](std::int64_t begin, std::int64_t count) {
    const std::vector<double> images = whole.image.numbers(), labels = whole.label.numbers();
    return ToyBatch{
        f64({count, 1, 6, 6}, {images.begin() + begin * 36, images.begin() + (begin + count) * 36}),
        i32({count}, {labels.begin() + begin, labels.begin() + begin + count})};
  };
  Machine once(graph), twice(graph);
  once.run(evaluation(graph, 5), whole.image, whole.label);
  twice.run(evaluation(graph, 3), part(0, 3).image, part(0, 3).label);
  twice.run(evaluation(graph, 2), part(3, 2).image, part(3, 2).label);
  for (const std::string metric : {"loss", "correct", "images", "near/loss", "far/loss"}) {
    INFO(metric);
    CHECK(twice.number("metrics/test/" + metric) ==
          Approx(once.number("metrics/test/" + metric)).epsilon(1e-12));
  }
  CHECK(once.number("metrics/test/images") == 5.0);
}

TEST_CASE("prediction gives answers, recreations and representations") {
  const Graph graph = Toy{}.graph();
  const Program program = prediction(graph, 2).program;
  const auto shape = [&](const std::string& output) {
    const auto index = program.find_output(output);
    REQUIRE(index);
    return program.value(program.outputs()[*index].value).type.shape;
  };
  CHECK(shape("logits") == Shape{2, 3});
  CHECK(shape("probabilities") == Shape{2, 3});
  CHECK(shape("near/output") == Shape{2, 1, 6, 6});
  CHECK(shape("near/representation") == Shape{2, 4});
  CHECK(shape("far/representation") == Shape{2, 32});
  CHECK_FALSE(program.find_input("label"));
}

TEST_CASE("the probe shows every layer of every player") {
  const Program program = probe(Toy{}.graph(), toy_batch_size).program;
  for (const std::string layer : {"classifier/conv", "classifier/logits", "near/drop", "far/picture"}) {
    CHECK(program.find_output(layer));
  }
  CHECK(program.outputs().size() == 7 + 5 + 2);
}

TEST_CASE("all variables are there once, with their roles") {
  const Graph graph = Toy{}.graph();
  std::map<std::string, VariableRole> roles;
  for (const VariableDeclaration& variable : all_variables(graph)) {
    INFO(variable.name);
    CHECK(roles.emplace(variable.name, variable.role).second);
  }
  CHECK(roles.at("classifier/conv/kernel") == VariableRole::weight);
  CHECK(roles.at("classifier/conv/kernel/adam_m") == VariableRole::moment);
  CHECK(roles.at("classifier/step") == VariableRole::step);
  CHECK(roles.at("near/learning_rate") == VariableRole::learning_rate);
  CHECK(roles.at("health") == VariableRole::health);
  CHECK(roles.at("metrics/test/near/loss") == VariableRole::metric);
  CHECK(std::count_if(roles.begin(), roles.end(),
                      [](const auto& r) { return r.second == VariableRole::statistic; }) == 4);
}

TEST_CASE("variables begin as their initialiser says, by name and seed alone") {
  const VariableDeclaration uniform = weight("classifier/a/kernel", {Initializer::Kind::uniform, -0.5, 0.25});
  const std::vector<double> values = initial_values(uniform, 3);
  const Philox random(3, stream_of("classifier/a/kernel"));
  CHECK(values[0] == -0.5 + 0.75 * random.uniform(0));
  CHECK(values[19999] == -0.5 + 0.75 * random.uniform(19999));
  CHECK(values == initial_values(uniform, 3));
  CHECK(values != initial_values(uniform, 4));
  CHECK(values != initial_values(weight("classifier/b/kernel", uniform.initializer), 3));
  CHECK(initial_values(weight("c", {Initializer::Kind::constant, 0.75, 0.0}), 3) ==
        std::vector<double>(20000, 0.75));

  const std::vector<double> normal = initial_values(weight("d", {Initializer::Kind::normal, 2.0, 0.5}), 3);
  double mean = 0.0, square = 0.0;
  for (const double value : normal) mean += value / 20000;
  for (const double value : normal) square += (value - mean) * (value - mean) / 20000;
  CHECK(mean == Approx(2.0).margin(4 * 0.5 / std::sqrt(20000)));  // four standard errors
  CHECK(square == Approx(0.25).margin(4 * 0.25 * std::sqrt(2.0 / 20000)));
}

TEST_CASE("a summary counts weights, moments and the work of every step") {
  const Graph graph = Toy{}.graph();
  const NetworkSummary summary = summarize(graph);
  REQUIRE(summary.layers.size() == 7 + 5 + 2);
  CHECK(summary.layers[0].inputs == std::vector<std::string>{"image"});
  CHECK(summary.layers[7].inputs == std::vector<std::string>{"tap"});
  CHECK(summary.layers[5].weights == 32 * 4 + 4);
  std::int64_t weights = 0;
  for (const LayerSummary& layer : summary.layers) weights += layer.weights;
  CHECK(summary.weights == weights);
  const std::int64_t statistics = 2 * 2 + 2 * 8;  // mean and variance of two normalisations
  CHECK(summary.weight_bytes == 8 * (weights + statistics));
  CHECK(summary.moment_bytes == 8 * 2 * weights);  // Adam's two

  REQUIRE(summary.steps.size() == 4);
  CHECK(summary.steps[0].player == "classifier");
  CHECK(summary.steps[1].name == "near step");
  CHECK(summary.steps[3].player.empty());
  CHECK(summary.steps[3].moment_bytes == 0);
  CHECK(summary.steps[0].flops > summary.steps[1].flops);
  for (const StepSummary& step : summary.steps) {
    CHECK(step.arena_bytes > 0);
    CHECK(step.arena_bytes <= step.unshared_bytes);
    CHECK(summary.peak_bytes > step.arena_bytes);
  }
}
