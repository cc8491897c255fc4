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
