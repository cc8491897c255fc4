#include "catch.h"
#include "config/graph_spec.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// A block of two layers with a skip, used twice, the second time inside another block.
const std::string kBlocks = R"(
name = "blocks"
[data]
type = "idx"
[blocks.residual]
parameters = { filters = 4, activation = "relu" }
layers = [
  { name = "conv", type = "conv2d", filters = "$filters", kernel = 3, padding = "same", activation = "$activation" },
  { name = "sum", type = "add", inputs = ["conv", "input"] },
]
[blocks.stage]
required = ["width"]
layers = [
  { name = "widen", type = "conv2d", filters = "$width", kernel = 1 },
  { name = "body", type = "residual", filters = "$width" },
]
[classifier]
loss = "cross_entropy"
layers = [
  { name = "stem", type = "conv2d", filters = 4, kernel = 3 },
  { name = "res1", type = "residual" },
  { name = "stage1", type = "stage", width = 8 },
  { type = "flatten", inputs = ["stage1"] },
  { name = "logits", type = "dense", units = 10 },
]
[[decoder]]
name = "d"
tap = "res1"
target = "stage1"
layers = [ { name = "out", type = "conv2d", filters = 8, kernel = 1 } ]
)";

std::string replaced(const std::string& from, const std::string& to) {
  std::string text = kBlocks;
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

/// The only mistake that reading finds, as it is shown.
std::string mistake(const std::string& text) {
  try {
    parse_graph(text, "graph.toml", "/work", builtin_plugins());
  } catch (const GraphError& error) {
    return error.what();
  }
  FAIL("the text was accepted");
  return {};
}

GraphSpec read_blocks(const std::vector<Override>& overrides = {}) {
  return parse_graph(kBlocks, "graph.toml", "/work", builtin_plugins(), overrides);
}

std::vector<std::string> names(const std::vector<LayerSpec>& layers) {
  std::vector<std::string> result;
  for (const LayerSpec& layer : layers) result.push_back(layer.name.text);
  return result;
}

}  // namespace

TEST_CASE("a block's layers stand in the place of its use, under its name") {
  const GraphSpec graph = read_blocks();
  CHECK(names(graph.classifier.layers) == std::vector<std::string>{"stem", "res1/conv", "res1/sum", "stage1/widen",
                                                                   "stage1/body/conv", "stage1/body/sum", "flatten1",
                                                                   "logits"});
  const LayerSpec& first = graph.classifier.layers[1];
  CHECK(first.parameters.integer("filters") == 4);
  CHECK(first.parameters.string("activation") == "relu");
  CHECK(graph.classifier.layers[4].parameters.integer("filters") == 8);
}

TEST_CASE("a block's name means its last layer, and input what the block is given") {
  const GraphSpec graph = read_blocks();
  const std::vector<LayerSpec>& layers = graph.classifier.layers;
  const auto inputs = [](const LayerSpec& layer) {
    std::vector<std::string> result;
    for (const Located& input : layer.inputs) result.push_back(input.text);
    return result;
  };
  CHECK(inputs(layers[2]) == std::vector<std::string>{"res1/conv", "stem"});
  CHECK(inputs(layers[5]) == std::vector<std::string>{"stage1/body/conv", "stage1/widen"});
  CHECK(inputs(layers[6]) == std::vector<std::string>{"stage1/body/sum"});
  CHECK(graph.decoders[0].taps[0].text == "res1/sum");
  CHECK(graph.decoders[0].target.text == "stage1/body/sum");
}

TEST_CASE("the resolved graph has the layers and no blocks, and reads back equal") {
  const GraphSpec graph = read_blocks();
  const std::string text = to_toml(graph);
  CHECK(text.find("blocks") == text.find("blocks\""));  // in the graph's name alone
  CHECK(parse_graph(text, "graph.toml", "/work", builtin_plugins()) == graph);
}

TEST_CASE("an override reaches a block's use") {
  CHECK(read_blocks({{"classifier.layers.res1.activation=tanh"}}).classifier.layers[1].parameters.string("activation") ==
        "tanh");
}

TEST_CASE("a mistake inside a block says where the block is used") {
  const std::string text = mistake(replaced("kernel = 3, padding", "kernell = 3, padding"));
  CHECK(text.find("graph.toml:8:") != std::string::npos);
  CHECK(text.find("did you mean \"kernel\"") != std::string::npos);
  CHECK(text.find("in the block \"residual\", used at graph.toml:21:3") != std::string::npos);
}

TEST_CASE("what is given to a block has to be its parameters") {
  CHECK(mistake(replaced("width = 8", "widht = 8")).find(
            "the block \"stage\" has no parameter \"widht\"; did you mean \"width\"?") != std::string::npos);
  CHECK(mistake(replaced(", width = 8", "")).find("layer \"stage1\" doesn't give \"width\"") != std::string::npos);
  CHECK(mistake(replaced("filters = \"$filters\"", "filters = \"$filter\""))
            .find("\"$filter\" stands for no parameter of the block \"residual\"; did you mean \"$filters\"?") !=
        std::string::npos);
}

TEST_CASE("a block can't hold itself, nor be called like a layer type") {
  CHECK(mistake(replaced("{ name = \"sum\", type = \"add\", inputs = [\"conv\", \"input\"] }",
                         "{ name = \"again\", type = \"stage\", width = 4 }"))
            .find("holds itself") != std::string::npos);
  CHECK(mistake(replaced("[blocks.stage]", "[blocks.dense]")).find("the block \"dense\" is called like a layer type") !=
        std::string::npos);
}

namespace {

std::vector<std::string> inputs(const std::vector<LayerSpec>& layers, const std::string& name) {
  for (const LayerSpec& layer : layers) {
    if (layer.name.text != name) continue;
    std::vector<std::string> result;
    for (const Located& input : layer.inputs) result.push_back(input.text);
    return result;
  }
  FAIL("there is no layer " + name);
  return {};
}

const LayerSpec& layer(const std::vector<LayerSpec>& layers, const std::string& name) {
  for (const LayerSpec& each : layers) {
    if (each.name.text == name) return each;
  }
  FAIL("there is no layer " + name);
  return layers.front();
}

GraphSpec parse(const std::string& text) { return parse_graph(text, "graph.toml", "/work", builtin_plugins()); }

using Names = std::vector<std::string>;

}  // namespace

TEST_CASE("a repeated block's copies follow one another, under numbers") {
  const GraphSpec graph = parse(replaced("type = \"residual\" },\n  { name = \"stage1\"",
                                         "type = \"residual\", repeat = 3 },\n  { name = \"stage1\""));
  const std::vector<LayerSpec>& layers = graph.classifier.layers;
  CHECK(Names{layers[1].name.text, layers[2].name.text, layers[3].name.text, layers[6].name.text} ==
        Names{"res1/1/conv", "res1/1/sum", "res1/2/conv", "res1/3/sum"});
  CHECK(inputs(layers, "res1/1/sum") == Names{"res1/1/conv", "stem"});
  CHECK(inputs(layers, "res1/2/sum") == Names{"res1/2/conv", "res1/1/sum"});
  CHECK(graph.decoders[0].taps[0].text == "res1/3/sum");
  CHECK(parse(to_toml(graph)) == graph);
}

TEST_CASE("a copy is named by its number, which it has when there is only one, too") {
  const std::string text = replaced("type = \"residual\" },\n  { name = \"stage1\"",
                                    "type = \"residual\", repeat = 1 },\n  { name = \"stage1\"");
  CHECK(layer(parse(text).classifier.layers, "res1/1/sum").type.text == "add");
  std::string inner = text;
  inner.replace(inner.find("tap = \"res1\""), 12, "tap = \"res1/1\"");
  CHECK(parse(inner).decoders[0].taps[0].text == "res1/1/sum");
}

TEST_CASE("how often a block is repeated may be a parameter of the block around it") {
  const GraphSpec graph = parse(replaced("filters = \"$width\" },\n]", "filters = \"$width\", repeat = \"$width\" },\n]"));
  CHECK(layer(graph.classifier.layers, "stage1/body/8/sum").type.text == "add");
  CHECK(inputs(graph.classifier.layers, "flatten1") == Names{"stage1/body/8/sum"});
}

TEST_CASE("copies of a block with several inputs take the copy before, and the others again") {
  const GraphSpec graph = parse(R"(
[data]
type = "idx"
[blocks.mix]
layers = [ { name = "sum", type = "add", inputs = ["input", "input2"] } ]
[blocks.joined]
layers = [ { name = "sum", type = "add" } ]
[classifier]
loss = "cross_entropy"
layers = [
  { name = "a", type = "flatten" },
  { name = "b", type = "dense", units = 4 },
  { name = "c", type = "dense", units = 4 },
  { name = "m", type = "mix", inputs = ["b", "c"], repeat = 2 },
  { name = "j", type = "joined", inputs = ["m", "c"], repeat = 2 },
]
)");
  const std::vector<LayerSpec>& layers = graph.classifier.layers;
  CHECK(inputs(layers, "m/1/sum") == Names{"b", "c"});
  CHECK(inputs(layers, "m/2/sum") == Names{"m/1/sum", "c"});
  CHECK(inputs(layers, "j/1/sum") == Names{"m/2/sum", "c"});
  CHECK(inputs(layers, "j/2/sum") == Names{"j/1/sum", "c"});
}

TEST_CASE("freeze, learning_rate_factor, l1 and l2 of a use hold for each layer within, unless it has its own") {
  std::string text = replaced("width = 8", "width = 8, freeze = true, l2 = 0.5, learning_rate_factor = 0.25");
  text.replace(text.find("kernel = 1 }"), 12, "kernel = 1, l2 = 0.125 }");  // the stage's own layer
  text.replace(text.find("type = \"residual\", filters = \"$width\""), 37, "type = \"residual\", filters = \"$width\", freeze = false");
  const std::vector<LayerSpec> layers = parse(text).classifier.layers;
  CHECK(layer(layers, "stage1/widen").freeze);
  CHECK(layer(layers, "stage1/widen").l2 == 0.125);
  CHECK(layer(layers, "stage1/widen").learning_rate_factor == 0.25);
  CHECK_FALSE(layer(layers, "stage1/body/conv").freeze);
  CHECK(layer(layers, "stage1/body/conv").l2 == 0.5);
  CHECK_FALSE(layer(layers, "stem").freeze);
  CHECK(layer(layers, "res1/conv").l2 == 0.0);
}

TEST_CASE("a parameter that is called like a key of uses takes its place") {
  std::string text = replaced("parameters = { filters = 4,", "parameters = { l2 = 0.25, filters = 4,");
  text.replace(text.find("activation = \"$activation\""), 26, "activation = \"$activation\", l1 = \"$l2\"");
  const LayerSpec conv = layer(parse(text).classifier.layers, "res1/conv");
  CHECK(conv.l1 == 0.25);
  CHECK(conv.l2 == 0.0);
}

TEST_CASE("blocks in decoders can be tapped, and take several taps") {
  const std::string text = R"(
[data]
type = "idx"
[blocks.pair]
layers = [ { name = "a", type = "dense", units = 8 }, { name = "b", type = "dense", units = 8 } ]
[blocks.both]
layers = [ { name = "join", type = "concat" }, { name = "out", type = "pair" } ]
[classifier]
loss = "cross_entropy"
layers = [ { type = "flatten" }, { name = "p", type = "pair" }, { name = "logits", type = "dense", units = 10 } ]
[[decoder]]
name = "coarse"
tap = "p"
layers = [ { name = "res", type = "pair", repeat = 2 }, { name = "end", type = "dense", units = 784, inputs = ["res"] },
           { type = "reshape", shape = [1, 28, 28] } ]
[[decoder]]
name = "fine"
tap = ["coarse/res/1", "p", "coarse/res"]
target = "coarse/res/2/a"
layers = [
  { name = "in", type = "both" },
  { name = "last", type = "add", inputs = ["p", "coarse/res", "in"] },
]
)";
  const GraphSpec graph = parse(text);
  const DecoderSpec& fine = graph.decoders[1];
  CHECK(Names{fine.taps[0].text, fine.taps[1].text, fine.taps[2].text} == Names{"coarse/res/1/b", "p/b", "coarse/res/2/b"});
  CHECK(fine.target.text == "coarse/res/2/a");
  CHECK(inputs(fine.layers, "in/join").empty());  // the first layer takes all taps
  CHECK(inputs(fine.layers, "last") == Names{"p/b", "coarse/res/2/b", "in/out/b"});
  const Graph network(graph, {{1, 28, 28}, 10}, builtin_plugins());
  CHECK(network.decoders()[1].layers[0].inputs.size() == 3);
}

TEST_CASE("a string in a block begins with a plain $ when it is written with two") {
  std::string text = replaced("parameters = { filters = 4, activation = \"relu\" }", "parameters = { filters = 4, activation = \"relu\", file = 1 }");
  text.replace(text.find("activation = \"$activation\""), 26,
               "activation = \"$activation\", kernel_initializer = { type = \"file\", file = \"$$file\" }");
  const LayerSpec conv = layer(parse(text).classifier.layers, "res1/conv");
  CHECK(conv.parameters.table("kernel_initializer").string("file") == "/work/$file");
}

TEST_CASE("layers inside a block name those of the blocks in it") {
  const GraphSpec graph = parse(replaced("filters = \"$width\" },\n]",
                                         "filters = \"$width\" },\n  { name = \"add\", type = \"add\", inputs = [\"body/conv\", \"body\"] },\n]"));
  CHECK(inputs(graph.classifier.layers, "stage1/add") == Names{"stage1/body/conv", "stage1/body/sum"});
}
