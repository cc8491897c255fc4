// Tables that are missing, misplaced or double, names, and many mistakes at once.

#include "catch.h"
#include "graph_text.h"
#include "registry.h"

using namespace generalizer;

namespace {

/// Checks that the text has one mistake, of the file as a whole.
void check_whole_file(const std::string& text, const std::string& message, const std::string& hint) {
  const std::vector<Diagnostic> found = mistakes(text);
  INFO(render(found));
  REQUIRE(found.size() == 1);
  CHECK(found[0].where.file == "graph.toml");
  CHECK_FALSE(found[0].where.known());
  CHECK(found[0].message == message);
  CHECK(found[0].hint.find(hint) != std::string::npos);
}

}  // namespace

TEST_CASE("a graph without data or without a classifier is refused") {
  const std::size_t data = kGraph.find("[data]");
  check_whole_file(kGraph.substr(0, data) + kGraph.substr(kGraph.find("[train]")),
                   "[data] is missing in the graph; it must name a type", "known dataset types: idx");
  check_whole_file("data = { type = \"idx\", root = \"/data\" }\n",
                   "\"classifier\" is missing in the graph; it must be a table", "write it as [classifier]");
}

TEST_CASE("the default backend must be there, too") {
  Registry registry;
  LayerType layer;
  layer.name = "dense";
  layer.build = [](LayerBuilder& builder) { return builder.input(); };
  registry.add_layer(layer);
  CHECK_THROWS_WITH(
      parse_graph("[data]\ntype = \"idx\"\n", "graph.toml", "/work", registry),
      "The backend \"onednn\" can't be had: its plugin onednn.so is not there. No other backend is there, "
      "either. No folder was searched for plugins. Build the plugin, or name the folder that holds it "
      "with --plugin-path.");
}

TEST_CASE("a player without layers is refused") {
  check_mistake(
      with(kGraph, kGraph.substr(kGraph.find("layers = [\n  { name = \"pixels"), std::string::npos), ""),
      "[[decoder]]", R"("layers" is missing in decoder "autoencoder"; it must be a list of tables)",
      "such as layers = [");
  check_mistake(with(kGraph, kGraph.substr(kGraph.find("layers = [\n  { name = \"pixels"), std::string::npos),
                     "layers = []\n"),
                "[]\n",
                R"("layers" in decoder "autoencoder" must hold at least one layer, found an empty list)",
                "such as layers = [");
  check_mistake(with(kGraph, kGraph.substr(kGraph.find("layers = [\n  { name = \"pixels"), std::string::npos),
                     "layers = [\"a\"]\n"),
                "[\"a\"]", R"("layers" in decoder "autoencoder" must be a list of tables, found a list of 1)",
                "such as layers = [");
}

TEST_CASE("a decoder in single brackets, a table that is a value and a value that is a table are refused") {
  check_mistake(with(kGraph, "[[decoder]]", "[decoder]"), "[decoder]",
                R"("decoder" in the graph must be a list of tables, found a table)",
                "write each decoder as [[decoder]], with two brackets");
  check_mistake("train = 3\n" + with(kGraph, "[train]\nepochs = 5\n", ""), "3\n",
                R"("train" in the graph must be a table, found the integer 3)", "write it as [train]");
  check_mistake(kGraph + "[seed]\nx = 1\n", "[seed]",
                R"("seed" in the graph must be an integer, found a table)", "");
}

TEST_CASE("two layers with one name are refused with both places") {
  check_mistake(with(kGraph, "\"logits\"", "\"conv1\""), "\"conv1\", type = \"dense\"",
                R"(two layers are called "conv1", here and at graph.toml:15:12)",
                "give one of them another name");
  check_mistake(with(kGraph, "\"conv1\"", "\"flatten1\""), "{ type = \"flatten\" }",
                R"(two layers are called "flatten1", here and at graph.toml:15:12)",
                "give one of them another name");
}

TEST_CASE("a classifier's and a decoder's layers may have one name") {
  CHECK_NOTHROW(read(with(kGraph, "\"pixels\"", "\"conv1\"")));
}

TEST_CASE("two decoders with one name are refused with both places") {
  check_mistake(kGraph +
                    "[[decoder]]\nname = \"autoencoder\" # again\ntap = \"conv1\"\nlayers = [ { type = "
                    "\"flatten\" } ]\n",
                "\"autoencoder\" # again",
                R"(two decoders are called "autoencoder", here and at graph.toml:22:8)",
                "give one of them another name");
}

TEST_CASE("names of layers and decoders are identifiers") {
  for (const std::string name : {"a//b", "/a", "a.b", "1st", "", "a b", "é"}) {
    check_mistake(with(kGraph, "\"conv1\"", "\"" + name + "\""), "\"" + name + "\"",
                  "the layer name \"" + name +
                      "\" must be letters, digits, \"_\" and \"-\", beginning with a letter or \"_\"",
                  "no name can hold them");
  }
  check_mistake(
      with(kGraph, "\"autoencoder\"", "\"auto.encoder\""), "\"auto.encoder\"",
      R"(the decoder name "auto.encoder" must be letters, digits, "_" and "-", beginning with a letter or "_")",
      "no name can hold them");
  check_mistake(with(kGraph, "\"autoencoder\"", "\"classifier\""), "\"classifier\"",
                R"(a decoder can't be called "classifier", the name of the other player)",
                "give it another name");
  CHECK_NOTHROW(read(with(kGraph, "\"conv1\"", "\"_conv-1\"")));
}

TEST_CASE("the graph's name must be fit for a folder") {
  for (const std::string name : {"a/b", "", "..", ".hidden"}) {
    check_mistake(with(kGraph, "\"small\"", "\"" + name + "\""), "\"" + name + "\"",
                  "the graph's name must be fit for a folder, found \"" + name + "\"", "name = \"fashion\"");
  }
}

TEST_CASE("an empty list of inputs is refused") {
  check_mistake(with(kGraph, "{ type = \"flatten\" }", "{ type = \"add\", inputs = [] }"), "[] }",
                R"("inputs" in layer "add1" must name at least one layer, found an empty list)",
                "leave the key out");
}

TEST_CASE("all mistakes of a file are reported at once, from its top down") {
  std::string text = with(kGraph, "units = 784", "unts = 784");
  text = with(text, "epochs = 5", "epochs = 0");
  text = with(text, "filters = 32", "filters = 'x'");
  text = "sed = 3\n" + with(text, "\"cross_entropy\"", "\"cross\"");
  const std::vector<Diagnostic> found = mistakes(text, {{"train.batch=0"}, {"nmae=x"}});
  INFO(render(found));
  REQUIRE(found.size() == 7);
  CHECK(found[0].message == R"(unknown key "sed" in the graph; did you mean "seed"?)");
  CHECK(found[1].message == R"("epochs" in [train] must be at least 1, found 0)");
  CHECK(found[2].message.starts_with(R"(unknown loss "cross" in [classifier])"));
  CHECK(found[3].message.starts_with(R"("filters" in layer "conv1" (conv2d) must be an integer)"));
  CHECK(found[4].message == R"(unknown key "unts" in layer "pixels" (dense); did you mean "units"?)");
  CHECK(found[5].where.file.starts_with("--set"));
  CHECK(found[6].where.file.starts_with("--set"));
}

TEST_CASE("a mistake of --set is shown without line and column, and of a long line what is around it") {
  try {
    read(kGraph, {{"train.epocs=2"}});
    FAIL("accepted");
  } catch (const GraphError& error) {
    CHECK_THAT(error.what(),
               Catch::Matchers::StartsWith("--set train.epocs=2: error: unknown key \"epocs\""));
    CHECK_THAT(error.what(), Catch::Matchers::Contains("\n   | train.epocs=2\n   |       ^\n"));
  }
  SourcePosition where{"a.toml", 1, 151, std::string(150, 'a') + "X" + std::string(149, 'b')};
  CHECK(render({{where, "no", ""}}) == "a.toml:1:151: error: no\n  1 | …" + std::string(50, 'a') + "X" +
                                           std::string(49, 'b') + "…\n    | " + std::string(51, ' ') + "^");
  where = {"a.toml", 1, 1, "X\x1B[1m"};
  CHECK(render({{where, "no", ""}}, "warning") == "a.toml:1:1: warning: no\n  1 | X\uFFFD[1m\n    | ^");
}

TEST_CASE("a mistake is shown with its place, its line, a caret and what to do") {
  try {
    read(with(kGraph, "activation = \"relu\"", "filtres = 3"));
    FAIL("accepted");
  } catch (const GraphError& error) {
    CHECK(std::string(error.what()) ==
          "graph.toml:15:64: error: unknown key \"filtres\" in layer \"conv1\" (conv2d); did you mean "
          "\"filters\"?\n"
          "  15 |   { name = \"conv1\", type = \"conv2d\", filters = 32, kernel = 3, filtres = 3 },\n"
          "     |                                                                ^\n"
          "  hint: known keys: name, type, inputs, filters, kernel, padding, stride, bias, activation, "
          "freeze, learning_rate_factor, l1, l2");
  }
}
