// The resolved graph reads back equal, and says the same when it is written again.

#include <cmath>
#include <cstdlib>
#include <filesystem>

#include "catch.h"
#include "config/quote.h"
#include "graph_text.h"
#include "places.h"
#include "registry.h"
#include "support/networks.h"

using namespace generalizer;

namespace {

/// Read in another folder: the resolved graph depends on none.
void check_round_trip(const GraphSpec& graph) {
  const std::string text = to_toml(graph);
  INFO(text);
  const GraphSpec again = parse_graph(text, "resolved.toml", "/elsewhere", *make_registry());
  CHECK(again == graph);
  CHECK(to_toml(again) == text);
}

void check_round_trip(const std::string& text, const std::vector<Override>& overrides = {}) {
  check_round_trip(read(text, overrides));
}

}  // namespace

TEST_CASE("the resolved graph names every key, defaults too") {
  CHECK(to_toml(read(kGraph)) == R"(name = "small"
seed = 0
precision = "f32"
backend = { type = "onednn", threads = 0 }
plugins = []

[data]
type = "idx"
root = "/data"
train = { images = "train-images", labels = "train-labels" }
test = { images = "test-images", labels = "test-labels" }
class_names = []
validation = 0.0
label_noise = 0.0
prefetch = 2
augment = []

[train]
epochs = 5
batch = 32
shuffle = true
shared_step_count = false
checkpoint_every = 1
keep_checkpoints = 3
pictures = 10

[classifier]
loss = { type = "cross_entropy", weight = 1.0 }
optimizer = { type = "adam", learning_rate = 0.01, epsilon = 1e-7, schedule = { type = "constant", warmup = 0.0 } }
layers = [
  { name = "conv1", type = "conv2d", filters = 32, kernel = 3, padding = "valid", stride = 1, bias = true, activation = "relu" },
  { name = "flatten1", type = "flatten" },
  { name = "embedding", type = "dense", units = 128, bias = true, activation = "linear" },
  { name = "logits", type = "dense", units = 10, bias = true, activation = "linear" },
]

[[decoder]]
name = "autoencoder"
tap = "embedding"
target = "image"
loss = { type = "mse", weight = 1.0 }
sign = "negative"
weight = 2.0
every = 1
warmup = 0.0
schedule = { type = "constant" }
objective = "negative_loss"
steps = 1
restarts = 0
ensemble = 1
noise = 0.0
noise_in_use = false
bound = "none"
optimizer = { type = "adam", learning_rate = 0.001, epsilon = 1e-7, schedule = { type = "constant", warmup = 0.0 } }
layers = [
  { name = "pixels", type = "dense", units = 784, bias = true, activation = "linear" },
  { name = "image", type = "reshape", shape = [1, 28, 28] },
]
)");
}

TEST_CASE("a resolved graph reads back equal, whatever it holds") {
  check_round_trip(kGraph);
  check_round_trip(with(with(kGraph, "\"onednn\"", "\"reference\""), "name = \"small\"\n",
                        "plugins = ['a.so', '/b.so']\nprecision = 'f64'\nseed = 9223372036854775807\n"));
  check_round_trip(with(kGraph, "loss = \"cross_entropy\"\n", ""));
  check_round_trip(kGraph, {{"decoder=[]"}});
  check_round_trip(
      kGraph,
      {{"backend=cuda:2"}, {"decoder.sign=positive"}, {"decoder.weight=0.1"}, {"classifier.optimizer=sgd"}});
  check_round_trip(kGraph, {{"decoder.sign=none"},
                            {"train.shuffle=false"},
                            {"train.shared_step_count=true"},
                            {"train.pictures=0"}});
  check_round_trip(
      kGraph + "[[decoder]]\ntap = \"conv1\"\nlayers = [ { type = \"add\", inputs = [\"a\", \"b\"] } ]\n");
  check_round_trip(with(kGraph, "kernel = 3", "kernel = [3, 5], padding = [1, 2, 3, 4]"));
}

TEST_CASE("every kind of parameter reads back equal") {
  const auto layer = [](const std::string& keys) {
    return with(kGraph, "{ type = \"flatten\" }", "{ type = \"everything\"" + keys + " }");
  };
  check_round_trip(layer(""));
  check_round_trip(
      layer(", flag = true, count = 9, rate = 1, either = 3, path = 'x', triple = [1, 2, 3], words = ['a'], "
            "empty = [1]"));
  check_round_trip(layer(", rate = 0.5, either = 3.0, triple = [0.1, 1e300, -5e-324], empty = [0.5]"));
  check_round_trip(layer(", table = { depth = 1 }, tables = [{ depth = 1 }, { depth = 2, note = 'x' }]"));
  check_round_trip(layer(", tables = [{ depth = 1 }]"));
  check_round_trip(layer(", tables = []"));
}

TEST_CASE("strings read back equal, with quotes, control characters and dollars") {
  for (const std::string word :
       {R"('"')", R"('\')", R"("\t\n\r\u0001\u007F")", "'$$'", "'$${HOME}'", "'é→𝄞'", "''", "'a # b'"}) {
    check_round_trip(
        with(kGraph, "{ type = \"flatten\" }", "{ type = \"everything\", words = [" + word + "] }"));
  }
}

TEST_CASE("numbers are written as the shortest text that reads back the same") {
  CHECK(number_text(0.1) == "0.1");
  CHECK(number_text(2) == "2.0");
  CHECK(number_text(1e-7) == "1e-7");
  CHECK(number_text(1e22) == "1e+22");
  CHECK(number_text(-0.0) == "-0.0");
  CHECK(number_text(1.0 / 3) == "0.3333333333333333");
  std::uint64_t state = 1;
  for (int i = 0; i < 1000; ++i) {
    state = state * 6364136223846793005U + 1442695040888963407U;  // Knuth's MMIX generator
    const double value = std::ldexp(static_cast<double>(state >> 11), static_cast<int>(state % 200) - 150);
    CHECK(std::strtod(number_text(value).c_str(), nullptr) == value);
  }
}

TEST_CASE("the graphs that come with the project are sound, and read back equal") {
  setenv("FASHION_MNIST", "/data/fashion", 1);
  int graphs = 0;
  for (const auto& file : std::filesystem::directory_iterator(project_folder() + "/graphs")) {
    if (file.path().extension() != ".toml") continue;
    ++graphs;
    const GraphSpec graph = read_graph(file.path().string(), test::builtin_plugins());
    CHECK(graph.name == file.path().stem().string());
    if (graph.data.type.text == "idx") CHECK(graph.data.parameters.string("root") == "/data/fashion");
    CHECK(parse_graph(to_toml(graph), "resolved.toml", "/", test::builtin_plugins()) == graph);
  }
  CHECK(graphs >= 12);
  unsetenv("FASHION_MNIST");
}

TEST_CASE("the published graph is the published one") {
  const GraphSpec graph =
      read_graph(project_folder() + "/graphs/fashion-generalizer.toml", *make_registry());
  CHECK(graph.train.epochs == 50);
  CHECK(graph.train.batch == 32);
  REQUIRE(graph.decoders.size() == 1);
  CHECK(graph.decoders[0].weight == 2.0);
  CHECK(graph.decoders[0].sign == Sign::negative);
  CHECK(graph.decoders[0].every == 1);
  CHECK(graph.decoders[0].taps.front().text == "embedding");
  CHECK(graph.classifier.optimizer.parameters.number("learning_rate") == 1e-3);
  CHECK(graph.classifier.optimizer.parameters.number("epsilon") == 1e-7);
}
