// What a sound graph file says.

#include "catch.h"
#include "graph_text.h"

using namespace generalizer;

TEST_CASE("a graph file is read with its values, its defaults and their places") {
  const GraphSpec graph = read(kGraph);
  CHECK(graph.name == "small");
  CHECK(graph.seed == 0);
  CHECK(graph.precision == Precision::f32);
  CHECK(graph.backend.type.text == "onednn");
  CHECK(graph.backend.parameters.integer("threads") == 0);
  CHECK(graph.plugins.empty());
  CHECK(graph.data.type.text == "idx");
  CHECK(graph.data.parameters.string("root") == "/data");
  CHECK(graph.data.parameters.table("train").string("images") == "train-images");
  CHECK(graph.train.epochs == 5);
  CHECK(graph.train.batch == 32);
  CHECK(graph.train.shuffle);
  REQUIRE(graph.classifier.loss);
  CHECK(graph.classifier.loss->single()->type.text == "cross_entropy");
  CHECK(graph.classifier.optimizer.parameters.number("learning_rate") == 0.01);
  CHECK(graph.classifier.optimizer.parameters.number("epsilon") == 1e-7);
  REQUIRE(graph.classifier.layers.size() == 4);

  const LayerSpec& conv = graph.classifier.layers[0];
  CHECK(conv.name.text == "conv1");
  CHECK(conv.type.text == "conv2d");
  CHECK(conv.inputs.empty());
  CHECK(conv.parameters.integer("filters") == 32);
  CHECK(conv.parameters.repeated("kernel", 2) == std::vector<std::int64_t>{3, 3});
  CHECK(conv.parameters.string("padding") == "valid");
  CHECK(conv.parameters.boolean("bias"));
  CHECK(conv.parameters.where("filters").line == 15);
  CHECK(conv.parameters.where("filters").column == 48);
  CHECK(conv.where.line == 15);
  CHECK(conv.where.column == 3);
  CHECK_FALSE(conv.parameters.where("padding").known());

  REQUIRE(graph.decoders.size() == 1);
  const DecoderSpec& decoder = graph.decoders[0];
  CHECK(decoder.name.text == "autoencoder");
  CHECK(decoder.taps.front().text == "embedding");
  CHECK(decoder.taps.front().where.line == 23);
  CHECK(decoder.taps.front().where.column == 7);
  CHECK(decoder.target.text == "image");
  CHECK(decoder.loss.single()->type.text == "mse");
  CHECK(decoder.sign == Sign::negative);
  CHECK(decoder.weight == 2.0);
  CHECK(decoder.every == 1);
  CHECK(decoder.optimizer.type.text == "adam");
  CHECK(decoder.optimizer.parameters.number("learning_rate") == 1e-3);
  CHECK(decoder.layers[1].parameters.integers("shape") == std::vector<std::int64_t>{1, 28, 28});
}

TEST_CASE("a layer without a name is called by its type and number") {
  const GraphSpec graph =
      read(with(with(kGraph, "name = \"embedding\", ", ""), "tap = \"embedding\"", "tap = \"dense1\""));
  CHECK(graph.classifier.layers[1].name.text == "flatten1");
  CHECK(graph.classifier.layers[2].name.text == "dense1");
  CHECK(graph.classifier.layers[3].name.text == "logits");
  CHECK(read(with(kGraph, "name = \"logits\", ", "")).classifier.layers[3].name.text == "dense2");
}

TEST_CASE("a decoder without a name is called by its number") {
  CHECK(read(with(kGraph, "name = \"autoencoder\"\n", "")).decoders[0].name.text == "decoder1");
}

TEST_CASE("a graph without a name is called by its file") {
  CHECK(read(with(kGraph, "name = \"small\"\n", "")).name == "graph");
}

TEST_CASE("inputs may name layers that come later") {
  const GraphSpec graph =
      read(with(kGraph, "{ type = \"flatten\" }", "{ type = \"add\", inputs = [\"conv1\", \"logits\"] }"));
  REQUIRE(graph.classifier.layers[1].inputs.size() == 2);
  CHECK(graph.classifier.layers[1].inputs[1].text == "logits");
  CHECK(graph.classifier.layers[1].inputs[1].where.column == 38);
}

TEST_CASE("a classifier without a loss is an encoder, and a graph may have no decoder") {
  CHECK_FALSE(read(with(kGraph, "loss = \"cross_entropy\"\n", "")).classifier.loss);
  CHECK(read(kGraph.substr(0, kGraph.find("[[decoder]]"))).decoders.empty());
}

TEST_CASE("two decoders are read in the order of the file") {
  const GraphSpec graph = read(kGraph + R"(
[[decoder]]
name = "second"
tap = "conv1"
target = "conv1"
sign = "none"
every = 3
optimizer = "sgd"
layers = [ { type = "conv2d", filters = 32, kernel = [3, 3], padding = "same" } ]
)");
  REQUIRE(graph.decoders.size() == 2);
  CHECK(graph.decoders[1].name.text == "second");
  CHECK(graph.decoders[1].target.text == "conv1");
  CHECK(graph.decoders[1].sign == Sign::none);
  CHECK(graph.decoders[1].every == 3);
  CHECK(graph.decoders[1].optimizer.parameters.number("learning_rate") == 1e-2);
  CHECK(graph.decoders[1].layers[0].parameters.string("padding") == "same");
}

TEST_CASE("layers may be written as tables of their own") {
  const std::string text = R"(
data = { type = "idx", root = "/data" }
[classifier]
loss = "cross_entropy"
[[classifier.layers]]
type = "flatten"
[[classifier.layers]]
name = "logits"
type = "dense"
units = 10
)";
  const GraphSpec graph = read(text);
  REQUIRE(graph.classifier.layers.size() == 2);
  CHECK(graph.classifier.layers[1].name.text == "logits");
  CHECK(graph.classifier.layers[1].where.line == 7);
}

TEST_CASE("a backend is a name, a name with a device, or a table") {
  const auto backend = [](const std::string& value) {
    return read(with(kGraph, "\"onednn\"", value)).backend;
  };
  CHECK(backend(R"({ type = "onednn", threads = 2 })").parameters.integer("threads") == 2);
  CHECK(backend(R"("cuda")").parameters.integer("device") == 0);
  CHECK(backend(R"("cuda:1")").type.text == "cuda");
  CHECK(backend(R"("cuda:1")").parameters.integer("device") == 1);
  CHECK(backend(R"({ type = "cuda:3" })").parameters.integer("device") == 3);
  CHECK(backend(R"("cuda:1")") == backend(R"({ type = "cuda", device = 1 })"));
}

TEST_CASE("an integer is accepted where a number is declared") {
  const auto layer = [](const std::string& keys) {
    return read(with(kGraph, "{ type = \"flatten\" }", "{ type = \"everything\", " + keys + " }"))
        .classifier.layers[1]
        .parameters;
  };
  CHECK(std::get<double>(layer("rate = 1").value("rate")) == 1.0);
  CHECK(std::get<std::int64_t>(layer("either = 3").value("either")) == 3);
  CHECK(std::get<double>(layer("either = 3.0").value("either")) == 3.0);
  CHECK(layer("triple = [1, 2.5, 3]").numbers("triple") == std::vector<double>{1, 2.5, 3});
  CHECK(layer("words = ['a', 'b']").strings("words") == std::vector<std::string>{"a", "b"});
  CHECK(layer("table = { depth = 2 }").table("table").string("note") == "none");
  CHECK(std::get<std::vector<Parameters>>(layer("tables = [{ depth = 1 }, { depth = 2 }]").value("tables"))
            .size() == 2);
  CHECK(layer("flag = true").boolean("flag"));
  CHECK_FALSE(layer("flag = true").has("table"));
}

TEST_CASE("paths are relative to the graph file and become absolute") {
  CHECK(read(with(kGraph, "\"/data\"", "\"images/../mnist\"")).data.parameters.string("root") ==
        "/work/mnist");
  CHECK(read("plugins = [\"plugins/mine.so\", \"/opt/yours.so\"]\n" + kGraph).plugins ==
        std::vector<std::string>{"/work/plugins/mine.so", "/opt/yours.so"});
  const GraphSpec graph = read(with(kGraph, "{ type = \"flatten\" }", "{ type = \"everything\" }"));
  CHECK(graph.classifier.layers[1].parameters.string("path") == "/work/there");
}
