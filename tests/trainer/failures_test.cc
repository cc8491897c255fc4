#include "trainer/trainer.h"

#include <cmath>
#include <cstring>
#include <nlohmann/json.hpp>

#include "small_training.h"
#include "trainer/keeper.h"
#include "support/cpu_backends.h"
#include "support/safetensors.h"
#include "support/skip.h"

using namespace generalizer;
using namespace generalizer::testing;
using Catch::Matchers::Contains;

TEST_CASE("a loss that turns into no number stops the run, says where, and keeps the last good weights") {
  const TemporaryFolder folder;
  // A learning rate that throws the weights so far that the next forward pass overflows.
  const GraphSpec spec = graph({{"classifier.optimizer.learning_rate=1e30"}, {"train.epochs=20"}});
  std::string message = "nothing was thrown";
  try {
    train_into(folder / "run", spec);
  } catch (const TrainingError& error) {
    message = error.what();
  }
  CHECK_THAT(message, Contains("is no number at step") && Contains("layer \"") &&
                          Contains("The last good weights, of step"));
  // What was kept is finite, to the last number.
  const auto kept = checkpoints_of(folder / "run" / "checkpoints");
  REQUIRE(!kept.empty());
  for (const NamedTensor& tensor : read_safetensors(kept.front()).tensors) {
    if (tensor.type.dtype != DType::f32) continue;
    for (std::size_t at = 0; at < tensor.bytes.size(); at += sizeof(float)) {
      float value = 0;
      std::memcpy(&value, tensor.bytes.data() + at, sizeof value);
      REQUIRE(std::isfinite(value));
    }
  }
}

TEST_CASE("a folder that holds a run is not written over") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph());
  CHECK_THROWS_WITH(train_into(folder / "run", graph()),
                    Contains("already holds a run") && Contains("--resume"));
}

TEST_CASE("an output folder that can't be made is named with the reason") {
  const TemporaryFolder folder;
  std::ofstream(folder / "file") << "in the way";
  CHECK_THROWS_WITH(train_into(folder / "file" / "run", graph()),
                    Contains((folder / "file" / "run").string()) && Contains("--out"));
}

TEST_CASE("a graph that doesn't fit its data leaves no run folder behind") {
  const TemporaryFolder folder;
  CHECK_THROWS_AS(train_into(folder / "run", graph({{"classifier.layers.logits.units=2"}})), GraphError);
  CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("a last batch that the network can't take is refused before training") {
  const TemporaryFolder folder;
  // 49 images in batches of 8 leave one, and batch normalisation of one number a channel has no variance.
  std::string text = graph_text;
  const std::string dropout = R"(type = "dropout", rate = 0.25)";
  text.replace(text.find(dropout), dropout.size(), R"(type = "batch_norm")");
  const GraphSpec spec = parse_graph(text, "small.toml", ".", registry(), {{"data.train=49"}});
  CHECK_THROWS_WITH(train_into(folder / "run", spec), Contains("small.toml:") && Contains("drop"));
  CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("a folder with other things in it is left alone") {
  const TemporaryFolder folder;
  std::ofstream(folder / "thesis.tex") << "mine";
  CHECK_THROWS_WITH(train_into(folder.path(), graph()), Contains("other things in it"));
  CHECK(slurp(folder / "thesis.tex") == "mine");
  CHECK(!std::filesystem::exists(folder / "graph.toml"));
}

TEST_CASE("what the backend can't do leaves no run folder behind") {
  const TemporaryFolder folder;
  // oneDNN computes in f32 only.
  if (!test::onednn_is_built()) return test::skip(test::without_onednn);
  CHECK_THROWS(train_into(folder / "run", graph({{"backend=onednn"}, {"precision=f64"}})));
  CHECK(!std::filesystem::exists(folder / "run"));
}

TEST_CASE("weights that hold no number never become a checkpoint, whatever the losses say") {
  const TemporaryFolder folder;
  Network network(graph(), {{1, 6, 6}, 3}, registry());
  network.initialize();
  Keeper keeper(folder.path(), network, 3);
  keeper.begin({0, 0, 5});
  std::vector<float> kernel(4 * 9, 0.5F);
  kernel[7] = std::nanf("");
  network.session().write_variable("classifier/conv/kernel", std::as_bytes(std::span(kernel)));
  CHECK_THROWS_WITH(keeper.save({0, 0, 9}, true),
                    Contains("after step 9 \"classifier/conv/kernel\" holds nan") &&
                        Contains("The last good weights, of step 5"));
  const auto files = checkpoints_of(folder.path());
  REQUIRE(files.size() == 1);
  CHECK(files[0].filename() == "step-000000005.safetensors");
}

TEST_CASE("a run that another process trains is refused") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph());
  const RunFolder run = RunFolder::open((folder / "run").string());
  const RunLock held(run);
  CHECK_THROWS_WITH(resume_at(folder / "run"), Contains("is being trained by another process"));
}

TEST_CASE("asking for fewer epochs than a run has trained changes nothing") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph());
  const std::string before = slurp(folder / "run" / "graph.toml");
  TrainingObserver observer;
  CHECK_THROWS_WITH(resume_at(folder / "run", observer, 2), Contains("has trained 3 epochs already"));
  CHECK(slurp(folder / "run" / "graph.toml") == before);
}

TEST_CASE("when no checkpoint is good, the error says what is wrong with each") {
  const TemporaryFolder folder;
  train_into(folder / "run", graph());
  for (const auto& file : checkpoints_of(folder / "run" / "checkpoints"))
    std::filesystem::resize_file(file, 100);
  CHECK_THROWS_WITH(load_run((folder / "run").string(), registry()),
                    Contains("no good checkpoint") && Contains("step-000000007.safetensors is damaged") &&
                        Contains("step-000000021.safetensors is damaged"));
}
