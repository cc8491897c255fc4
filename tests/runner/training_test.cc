#include <csignal>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "catch.h"
#include "project.h"

using nlohmann::json;
namespace fs = std::filesystem;

namespace {

std::vector<json> lines_of(const std::string& text) {
  std::vector<json> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(json::parse(line));
  return lines;
}

}  // namespace

TEST_CASE("train leaves a whole run folder and prints its name") {
  const Project project;
  const Ended ended = project.run({"train", "graph.toml", "--out", "run"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  CHECK(ended.out == "run\n");
  for (const char* file : {"graph.toml", "run.json", "metrics.jsonl", "log.txt", "pictures/epoch-0002.png"}) {
    CHECK(fs::exists(project.path("run/" + std::string(file))));
  }
  const std::vector<json> metrics = lines_of(project.read("run/metrics.jsonl"));
  REQUIRE(metrics.size() == 2);
  CHECK(metrics[1]["epoch"] == 2);
  CHECK(metrics[1]["step"] == 16);
  CHECK(metrics[1]["decoders"]["autoencoder"].contains("test_loss"));
  CHECK_THAT(ended.err, ContainsSubstring("test loss") && ContainsSubstring("autoencoder train"));
  CHECK(ended.err.find('\033') == std::string::npos);
  CHECK(ended.err.find('\r') == std::string::npos);
}

TEST_CASE("train --json gives the epochs' metrics, and --epochs and --set change the graph") {
  const Project project;
  const Ended ended = project.run(
      {"train", "graph.toml", "--epochs", "1", "--set", "train.batch=20", "--out", "run", "--json"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json report = json::parse(ended.out);
  CHECK(report["run"] == "run");
  CHECK(report["end"] == "finished");
  REQUIRE(report["epochs"].size() == 1);
  CHECK(report["epochs"][0]["step"] == 3);
}

TEST_CASE("a run folder that holds a run is not written over") {
  const Project project;
  project.train("run");
  const Ended ended = project.run({"train", "graph.toml", "--out", "run"});
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("run") && ContainsSubstring("--resume"));
}

TEST_CASE("on a terminal the progress is drawn, without colour where NO_COLOR is set") {
  const Project project;
  ProgramOptions options;
  options.terminal = true;
  options.environment = {{"TERM", "xterm"}, {"NO_COLOR", ""}};
  const Ended coloured = project.run({"train", "graph.toml", "--out", "one"}, options);
  CHECK(coloured.code == 0);
  CHECK_THAT(coloured.err,
             ContainsSubstring("\r") && ContainsSubstring("epoch 1/2") && ContainsSubstring("\033[1m"));
  options.environment["NO_COLOR"] = "1";
  const Ended plain = project.run({"train", "graph.toml", "--out", "two"}, options);
  CHECK_THAT(plain.err, ContainsSubstring("epoch 1/2") && !ContainsSubstring("\033[1m"));
}

TEST_CASE("Ctrl-C saves and ends with 130, and the run goes on from there") {
  const Project project;
  bool sent = false;
  ProgramOptions options;
  options.watch = [&sent](int process, const std::string& err) {
    if (sent || err.find("epoch 1 of") == std::string::npos) return;
    sent = true;
    kill(process, SIGINT);
  };
  const Ended ended = project.run({"train", "graph.toml", "--epochs", "100000", "--out", "run"}, options);
  CAPTURE(ended.err);
  CHECK(ended.code == 130);
  CHECK(ended.out == "run\n");
  CHECK_THAT(ended.err,
             ContainsSubstring("run/checkpoints/") && ContainsSubstring("generalizer train --resume run"));
  CHECK_FALSE(fs::is_empty(project.path("run/checkpoints")));

  const std::size_t done = lines_of(project.read("run/metrics.jsonl")).size();
  const Ended resumed = project.run({"train", "--resume", "run", "--epochs", std::to_string(done + 2)});
  CAPTURE(resumed.err);
  CHECK(resumed.code == 0);
  CHECK(lines_of(project.read("run/metrics.jsonl")).size() == done + 2);
}

TEST_CASE("a run that is finished says so when it is resumed") {
  const Project project;
  project.train("run");
  const Ended resumed = project.run({"train", "--resume", "run"});
  CHECK(resumed.code == 0);
  CHECK_THAT(resumed.err,
             ContainsSubstring("run has already trained all 2 epochs; --epochs 4 trains longer."));
  const Ended fewer = project.run({"train", "--resume", "run", "--epochs", "1"});
  CAPTURE(fewer.err);
  CHECK(fewer.code == 2);
}

TEST_CASE("a second Ctrl-C leaves at once") {
  const Project project;
  int sent = 0;
  ProgramOptions options;
  // A batch of all images on the plain backend keeps a step going for long enough to be interrupted twice.
  options.watch = [&sent](int process, const std::string& err) {
    const bool running = err.find("Run folder") != std::string::npos;
    const bool stopping = err.find("Stopping") != std::string::npos;
    if ((sent == 0 && running) || (sent == 1 && stopping)) {
      ++sent;
      kill(process, SIGINT);
    }
  };
  const Ended ended = project.run(
      {"train", "graph.toml", "--epochs", "100000", "--out", "run", "--set", "train.batch=60", "--set",
       "classifier.layers.conv1.filters=512", "--set", "classifier.layers.embedding.units=2048"},
      options);
  CAPTURE(ended.err);
  CHECK(ended.code == 130);
}

TEST_CASE("eval measures what the last epoch of the training measured") {
  const Project project;
  project.train("run");
  const json last = lines_of(project.read("run/metrics.jsonl")).back();
  const Ended ended = project.run({"eval", "run", "--json"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json report = json::parse(ended.out);
  CHECK(report["epoch"] == 2);
  CHECK(report["test"]["accuracy"].get<double>() == last["test"]["accuracy"].get<double>());
  CHECK(report["test"]["loss"].get<double>() == Approx(last["test"]["loss"].get<double>()));
  CHECK(report["decoders"]["autoencoder"]["test_loss"].get<double>() ==
        Approx(last["decoders"]["autoencoder"]["test_loss"].get<double>()));
  CHECK_THAT(project.run({"eval", "run"}).out,
             ContainsSubstring("test accuracy") && ContainsSubstring("autoencoder"));
}

namespace {

const std::string second_decoder = R"(
[[decoder]]
name      = "far"
tap       = "flatten"
target    = "image"
loss      = "mse"
sign      = "none"
every     = 1000
optimizer = { type = "sgd", learning_rate = 1e-2 }
layers = [
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "image",  type = "reshape", shape = [1, 6, 6] },
]
)";

}  // namespace

TEST_CASE("a training says its validation figures, a changed learning rate, and which epoch is the best") {
  Project project;
  project.replace("class_names", "validation = 0.2\nclass_names");
  project.replace("epochs = 2", "epochs = 3\nbest_by = \"validation/loss\"");
  project.replace("learning_rate = 1e-2 }",
                  "learning_rate = 1e-2, schedule = { type = \"step\", every = 2, factor = 0.5 } }");
  const Ended ended = project.run({"train", "graph.toml", "--out", "run"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  CHECK_THAT(ended.err, ContainsSubstring("validation loss") && ContainsSubstring("learning rate 0.005") &&
                            ContainsSubstring("best validation/loss so far") &&
                            ContainsSubstring("Best epoch by validation/loss: ") &&
                            ContainsSubstring("run/checkpoints/best.safetensors"));
  const Ended best = project.run({"eval", "run", "--checkpoint", "best"});
  CAPTURE(best.err);
  CHECK(best.code == 0);
  CHECK_THAT(best.out, ContainsSubstring("best.safetensors"));
  const Ended missing = project.run({"eval", "run", "--checkpoint", "nowhere.safetensors"});
  CHECK(missing.code == 1);
  CHECK_THAT(missing.err, ContainsSubstring("nowhere.safetensors"));
  CHECK_THAT(project.run({"check", "graph.toml"}).out,
             ContainsSubstring("48 images to train on, 12 to validate on, 21 to test"));
}

TEST_CASE("an early stop is said with its reason, in words and as JSON") {
  Project project;
  project.replace("epochs = 2",
                  "epochs = 9\nearly_stopping = { monitor = \"test/loss\", patience = 1, minimum_change = 1000.0 }");
  const Ended ended = project.run({"train", "graph.toml", "--out", "run", "--json"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  CHECK_THAT(ended.err,
             ContainsSubstring("The training stopped early after epoch 2: test/loss has not improved since epoch 1"));
  const json report = json::parse(ended.out);
  CHECK(report["end"] == "stopped_early");
  CHECK_THAT(report["reason"].get<std::string>(), ContainsSubstring("not improved since epoch 1"));
  CHECK(report["best"]["figure"] == "test/loss");
}

TEST_CASE("each of several decoders has a line of its own, and one that is never trained is said to be") {
  Project project;
  project.write("graph.toml", project.read("graph.toml") + second_decoder);
  const Ended ended = project.run({"train", "graph.toml", "--out", "run"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  CHECK_THAT(ended.err, ContainsSubstring("\"far\" is never trained: it does one step every 1000 classifier steps") &&
                            ContainsSubstring("         autoencoder  train ") &&
                            ContainsSubstring("         far          train not yet"));
  const Ended eval = project.run({"eval", "run"});
  CHECK_THAT(eval.out, ContainsSubstring("never trained"));
  const json report = json::parse(project.run({"eval", "run", "--json"}).out);
  CHECK(report["decoders"]["far"]["never_trained"] == true);
  CHECK(report["decoders"]["autoencoder"]["never_trained"] == false);
}

TEST_CASE("a run of steps that is finished says so when it is resumed") {
  Project project;
  project.replace("epochs = 2", "steps = 10");
  project.train("run");
  const Ended resumed = project.run({"train", "--resume", "run"});
  CHECK(resumed.code == 0);
  CHECK_THAT(resumed.err, ContainsSubstring("run has already trained all 10 steps of its graph"));
  const Ended epochs = project.run({"train", "--resume", "run", "--epochs", "3"});
  CHECK(epochs.code == 2);
  CHECK_THAT(epochs.err, ContainsSubstring("trains for 10 steps") && ContainsSubstring("without --epochs"));
}

TEST_CASE("what in a graph is probably not meant is said again when its run is resumed") {
  Project project;
  project.replace("units = 3", "units = 3, activation = \"relu\"");
  project.train("run");
  CHECK_THAT(project.run({"train", "--resume", "run"}).err, ContainsSubstring("warning:") && ContainsSubstring("relu"));
}
