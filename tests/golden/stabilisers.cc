// The stabilisers of [[decoder]] against PyTorch, step by step: stabilisers.json was made by tests/golden/stabilisers.py (float64).
#include <algorithm>
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "lower/machine.h"
#include "places.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

const DataShape kData{{1, 6, 6}, 3};

/// The variant as a graph file says it.
std::string graph_text(const json& keys, const json& golden) {
  const bool variational = keys.contains("variational");
  std::string decoder;
  for (const char* word : {"objective", "bound", "loss"}) {
    if (keys.contains(word)) decoder += std::string(word) + " = \"" + keys.at(word).get<std::string>() + "\"\n";
  }
  for (const char* number : {"ceiling", "clip", "steps", "every", "noise"}) {
    if (keys.contains(number)) decoder += std::string(number) + " = " + keys.at(number).dump() + "\n";
  }
  if (keys.contains("warmup_steps")) decoder += "warmup = 1\n";
  if (keys.contains("widths")) decoder += "ensemble = " + std::to_string(keys.at("widths").size()) + "\n";
  const std::string optimizer = "optimizer = { type = \"sgd\", learning_rate = " + golden.at("rate").dump() + " }\n";
  return "[train]\nbatch = " + golden.at("batch").dump() + "\n[classifier]\nloss = \"cross_entropy\"\n" + optimizer +
         "layers = [\n  { name = \"flat\", type = \"flatten\" },\n  { name = \"code\", " +
         (variational ? "type = \"variational\", units = 6, kl_weight = " + keys.at("variational").dump()
                      : std::string("type = \"dense\", units = 6, activation = \"tanh\"")) +
         " },\n  { name = \"logits\", type = \"dense\", units = 3 },\n]\n[[decoder]]\nname = \"near\"\ntap = \"code\"\nweight = " +
         golden.at("weight").dump() + "\n" + decoder + optimizer +
         "layers = [\n  { name = \"wide\", type = \"dense\", units = 6, activation = \"tanh\" },\n"
         "  { name = \"pixels\", type = \"dense\", units = 36, activation = \"sigmoid\" },\n"
         "  { name = \"picture\", type = \"reshape\", shape = [1, 6, 6] },\n]\n";
}

/// Glorot-uniform weights from the streams that the script takes, one after the other from `first`.
void draw_weights(Machine& machine, std::uint64_t seed, std::uint64_t first, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    const std::uint64_t stream = first++;
    Array& weight = machine[name];
    if (weight.shape().rank() != 2) continue;
    const double limit = std::sqrt(6.0 / static_cast<double>(weight.shape()[0] + weight.shape()[1]));
    const Philox random(seed, stream);
    for (std::size_t i = 0; i < weight.size(); ++i) weight.set(i, (2 * random.uniform(i) - 1) * limit);
  }
}

void draw(Array& array, std::uint64_t seed, std::uint64_t stream) {
  const Philox random(seed, stream);
  for (std::size_t i = 0; i < array.size(); ++i) array.set(i, random.uniform(i));
}

Machine begin(const Graph& graph, std::uint64_t seed, bool variational) {
  Machine machine(graph);
  const std::string code = "classifier/code/";
  std::vector<std::string> names = {code + "kernel", code + "bias"};
  if (variational) names = {code + "mean_kernel", code + "mean_bias", code + "deviation_kernel", code + "deviation_bias"};
  names.insert(names.end(), {"classifier/logits/kernel", "classifier/logits/bias"});
  draw_weights(machine, seed, 0, names);
  for (std::size_t k = 0; k < graph.decoders().size(); ++k) {
    const std::string name = graph.decoders()[k].name + "/";
    draw_weights(machine, seed, 100 * (k + 1), {name + "wide/kernel", name + "wide/bias", name + "pixels/kernel", name + "pixels/bias"});
  }
  if (machine.has("mean_image")) draw(machine["mean_image"], seed, 3000);
  if (machine.has("class_means")) draw(machine["class_means"], seed, 3001);
  return machine;
}

ToyBatch batch_of(std::uint64_t seed, std::uint64_t step, std::int64_t images) {
  ToyBatch batch{Array({DType::f64, {images, 1, 6, 6}}), Array({DType::i32, {images}})};
  draw(batch.image, seed, 1000 + step);
  const Philox labels(seed, 2000 + step);
  for (std::size_t i = 0; i < batch.label.size(); ++i) batch.label.set(i, std::floor(3 * labels.uniform(i)));
  return batch;
}

void follow(const json& variant, const json& golden) {
  const json& keys = variant.at("keys");
  const std::uint64_t seed = golden.at("seed");
  const std::int64_t images = golden.at("batch");
  const Graph graph = graph_of(graph_text(keys, golden), kData);
  Machine machine = begin(graph, seed, keys.contains("variational"));
  const StepProgram classifier = classifier_step(graph, images);
  std::uint64_t step = 0;
  for (const json& expected : variant.at("steps")) {
    INFO("step " << step);
    if (keys.contains("warmup_steps")) {
      const double part = std::min(static_cast<double>(step + 1) / keys.at("warmup_steps").get<double>(), 1.0);
      machine["near/weight"].set(0, golden.at("weight").get<double>() * part);
    }
    const ToyBatch batch = batch_of(seed, step++, images);
    const Arrays found = machine.run(classifier, batch.image, batch.label);
    CHECK(found.at("loss").get(0) == Approx(expected.at("loss").get<double>()).epsilon(1e-9));
    CHECK(found.at("total").get(0) == Approx(expected.at("total").get<double>()).epsilon(1e-9));
    for (std::size_t k = 0; k < graph.decoders().size(); ++k) {
      const double in_loop = expected.at("in_loop").at(k);
      CHECK(found.at(graph.decoders()[k].name + "/loss").get(0) == Approx(in_loop).epsilon(1e-9));
      const StepProgram turn = decoder_step(graph, k, images);
      for (const json& loss : expected.at("decoder").at(k)) {
        const Arrays own = machine.run(turn, batch.image, batch.label);
        CHECK(own.at("loss").get(0) == Approx(loss.get<double>()).epsilon(1e-9));
      }
    }
  }
}

}  // namespace

TEST_CASE("steps with every stabiliser follow PyTorch in f64") {
  std::ifstream stream(project_folder() + "/tests/golden/stabilisers.json");
  REQUIRE(stream.good());
  const json golden = json::parse(stream);
  for (const json& variant : golden.at("cases")) {
    INFO(variant.at("keys").dump());
    follow(variant, golden);
  }
  CHECK(golden.at("cases").size() >= 18);
}
