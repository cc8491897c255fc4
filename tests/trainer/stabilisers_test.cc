// Stabilisers over a whole training: runs that stop and go on, new beginnings, turns of several steps, and a training that runs off.

#include <algorithm>
#include <cstring>
#include <numeric>

#include "small_training.h"
#include "trainer/divergence.h"
#include "trainer/given.h"

using namespace generalizer;
using namespace generalizer::testing;
using Catch::Matchers::Contains;

namespace {

/// The small training with these keys at its decoder "near".
GraphSpec with_keys(const std::vector<std::string>& keys, const std::vector<Override>& more = {}) {
  std::vector<Override> overrides = more;
  for (const std::string& key : keys) overrides.push_back({"decoder.near." + key});
  return graph(overrides);
}

struct Listener : TrainingObserver {
  std::vector<std::string> heard;
  void warning(const std::string& message) override { heard.push_back(message); }
  bool heard_of(const std::string& words) const {
    return std::any_of(heard.begin(), heard.end(), [&](const std::string& h) { return h.find(words) != std::string::npos; });
  }
};

Listener listen(const std::filesystem::path& out, const GraphSpec& spec) {
  TrainingOptions options;
  options.out = out.string();
  Listener listener;
  train(spec, registry(), options, listener);
  return listener;
}

}  // namespace

TEST_CASE("a run with stabilisers stopped at any step and resumed equals the uninterrupted run bit for bit") {
  const std::vector<std::vector<std::string>> all = {
      {"objective=uniform"},
      {"objective=class_mean", "warmup=1.5"},
      {"objective=gradient_reversal", "steps=2"},
      {"ceiling=\"mean_image\"", "clip=0.5"},
      {"schedule.type=cosine", "steps=3"},
      {"schedule.type=reduce_on_plateau", "schedule.patience=1", "schedule.factor=0.5"},
      {"restarts=1", "ensemble=2"},
      {"restarts=2", "noise=0.5", "noise_in_use=true", "bound=layer_norm"},
  };
  for (const auto& keys : all) {
    const TemporaryFolder folder;
    const GraphSpec spec = with_keys(keys);
    train_into(folder / "whole", spec);
    // In the middle of an epoch, at its last step, at the first of the next: an epoch has seven.
    for (const int steps : {3, 7, 8, 15}) {
      const auto run = folder / ("stopped-" + std::to_string(steps));
      CHECK(train_into(run, spec, after(steps)).end == TrainingEnd::interrupted);
      CHECK(resume_at(run).end == TrainingEnd::finished);
      INFO("stopped after " << steps << ", " << keys.front());
      check_equal_runs(folder / "whole", run);
    }
  }
}

TEST_CASE("a turn of several steps counts them all") {
  const TemporaryFolder folder;
  train_into(folder / "run", with_keys({"steps=3", "every=2"}));
  const auto checkpoint = checkpoints_of(folder / "run" / "checkpoints").front();
  const TensorFile file = read_safetensors(checkpoint);
  std::int64_t steps = 0;
  std::memcpy(&steps, file.find("near/step")->bytes.data(), sizeof steps);
  CHECK(steps == 30);  // three epochs of seven steps: ten turns
}

TEST_CASE("a decoder begins anew after so many epochs, each time with other weights, and its moments and count at nothing") {
  const GraphSpec spec = with_keys({"restarts=2"});
  Network network(spec, {{1, 6, 6}, 3}, registry());
  network.initialize();
  const auto first = network.read("near/pixels/kernel");
  const auto other = network.read("far/pixels/kernel");
  network.set_scalar("near/step", 5.0);
  network.begin_anew("near", 99);
  CHECK(network.scalar("near/step") == 0.0);
  const auto second = network.read("near/pixels/kernel");
  CHECK(second != first);
  CHECK(network.read("far/pixels/kernel") == other);
  network.begin_anew("near", 100);
  CHECK(network.read("near/pixels/kernel") != second);
  network.begin_anew("near", 99);
  CHECK(network.read("near/pixels/kernel") == second);

  const TemporaryFolder folder;
  train_into(folder / "run", spec);
  const auto checkpoint = checkpoints_of(folder / "run" / "checkpoints").front();
  std::int64_t steps = 0;
  std::memcpy(&steps, read_safetensors(checkpoint).find("near/step")->bytes.data(), sizeof steps);
  CHECK(steps == 7);  // after two epochs of three it began anew
}

TEST_CASE("the mean images, and what answering them costs, are those of the training set") {
  const GraphSpec means = with_keys({"objective=class_mean"});
  Network by_class(means, {{1, 6, 6}, 3}, registry());
  by_class.initialize();
  const auto data = open_dataset(means, registry(), Split::train);
  give_mean_images(by_class, *data);
  std::vector<double> expected(3 * 36, 0.0);
  std::vector<double> all(36, 0.0);
  std::vector<double> counts(3, 0.0);
  std::vector<float> image(36);
  for (std::int64_t i = 0; i < data->size(); ++i) {
    data->read_image(i, image);
    counts[static_cast<std::size_t>(data->label(i))] += 1;
    for (std::size_t k = 0; k < 36; ++k) {
      expected[static_cast<std::size_t>(data->label(i)) * 36 + k] += image[k];
      all[k] += image[k] / static_cast<double>(data->size());
    }
  }
  std::vector<float> found(3 * 36);
  const auto bytes = by_class.read("class_means");
  std::memcpy(found.data(), bytes.data(), bytes.size());
  for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == Approx(expected[i] / counts[i / 36]).epsilon(1e-6));

  const GraphSpec held = with_keys({"ceiling=\"mean_image\""});
  Network network(held, {{1, 6, 6}, 3}, registry());
  network.initialize();
  give_mean_images(network, *data);
  double cost = 0.0;
  for (std::int64_t i = 0; i < data->size(); ++i) {
    data->read_image(i, image);
    for (std::size_t k = 0; k < 36; ++k) cost += (image[k] - all[k]) * (image[k] - all[k]);
  }
  CHECK(network.scalar("near/ceiling") == Approx(cost / 36 / static_cast<double>(data->size())).epsilon(1e-5));
}

TEST_CASE("a weight that moves is told in the metrics") {
  const TemporaryFolder folder;
  const TrainingResult result = train_into(folder / "run", with_keys({"warmup=2"}));
  REQUIRE(result.epochs.size() == 3);
  CHECK(result.epochs[0].decoders.at("near").weight == Approx(0.25));  // the last of seven of fourteen steps: half of 0.5
  CHECK(result.epochs[1].decoders.at("near").weight == Approx(0.5));
  CHECK(result.epochs[2].decoders.at("near").weight == Approx(0.5));
  CHECK_FALSE(result.epochs[0].decoders.at("far").weight);
  CHECK(metrics_from_json(to_json(result.epochs[0])).decoders.at("near").weight == result.epochs[0].decoders.at("near").weight);
}

TEST_CASE("a training that runs off is noticed, once, with its numbers and the keys that help") {
  const TemporaryFolder folder;
  // A weight that the classification can't hold against, on a decoder without a bound to its output.
  const Listener listener = listen(folder / "run", with_keys({"weight=1000"}, {{"train.epochs=6"}}));
  INFO(std::accumulate(listener.heard.begin(), listener.heard.end(), std::string(), [](auto a, const auto& b) { return a + b + "\n"; }));
  REQUIRE(listener.heard_of("The classifier's accuracy has collapsed"));
  for (const char* key : {"ceiling = \"mean_image\"", "warmup = 2", "clip = 1", "objective = \"class_mean\"", "a weight below 1000"})
    CHECK(listener.heard_of(key));
  CHECK(std::count_if(listener.heard.begin(), listener.heard.end(), [](const std::string& h) {
          return h.find("collapsed") != std::string::npos;
        }) == 1);
}

TEST_CASE("a training that goes well, and one without an adversary, are told nothing") {
  const TemporaryFolder folder;
  CHECK(listen(folder / "well", with_keys({"weight=0.01"}, {{"train.epochs=6"}})).heard.empty());
  CHECK_FALSE(listen(folder / "without", with_keys({"sign=none"}, {{"classifier.optimizer.learning_rate=1e-9"}})).heard_of("collapsed"));
}

TEST_CASE("a collapse after a good epoch names that epoch, and is told in the first epoch that shows it") {
  const GraphSpec spec = with_keys({"ceiling=0.1"});
  Network network(spec, {{1, 6, 6}, 3}, registry());
  network.initialize();
  const auto data = open_dataset(spec, registry(), Split::train);
  const Divergence divergence(network, *data);
  const auto epoch = [](std::int64_t number, double accuracy) {
    EpochMetrics metrics;
    metrics.epoch = number;
    metrics.train.accuracy = accuracy;
    return metrics;
  };
  const std::vector<EpochMetrics> good = {epoch(1, 0.8), epoch(2, 0.9)};
  CHECK(divergence.after(epoch(3, 0.85), good).empty());
  const std::vector<std::string> told = divergence.after(epoch(3, 0.4), good);
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Contains("0.400 of the training images in epoch 3, where guessing among 3 classes gives 0.333") &&
                          Contains("It was 0.900 after epoch 2"));
  CHECK_THAT(told[0], !Contains("ceiling"));  // it has one
  CHECK(divergence.after(epoch(4, 0.35), {epoch(1, 0.8), epoch(2, 0.9), epoch(3, 0.4)}).empty());
}

TEST_CASE("a representation that is the same for every image is told to be dead") {
  const GraphSpec spec = with_keys({});
  Network network(spec, {{1, 6, 6}, 3}, registry());
  network.initialize();
  const auto data = open_dataset(spec, registry(), Split::train);
  Divergence divergence(network, *data);
  EpochMetrics alive;
  divergence.measure(alive);
  CHECK(divergence.after(alive, {}).empty());
  // relu of numbers far below 0
  network.set_values("classifier/embedding/bias", std::vector<double>(8, -100.0));
  EpochMetrics dead;
  dead.epoch = 2;
  divergence.measure(dead);
  CHECK(dead.decoders.at("near").dead_units == 1.0);
  const std::vector<std::string> told = divergence.after(dead, {alive});
  REQUIRE(told.size() == 1);
  CHECK_THAT(told[0], Contains("The representation that \"near\" taps is dead: after epoch 2 100 % of its units") && Contains("bound = \"layer_norm\""));
  CHECK(divergence.after(dead, {dead}).empty());
}

TEST_CASE("a loss that turns into no number is told with the keys that help") {
  const TemporaryFolder folder;
  CHECK_THROWS_WITH(train_into(folder / "run", with_keys({"weight=0.5"}, {{"classifier.optimizer={ type = \"sgd\", learning_rate = 1e30 }"}})),
                    Contains("Keys of [[decoder]] that help: ceiling = \"mean_image\""));
}
