// A graph file with mistakes in it goes through both stages all the same: nothing that a mistake leaves behind may stop the network's check, or be
// told as a mistake of its own.
#include <optional>

#include "catch.h"
#include "support/damage.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const DataShape digits{{1, 28, 28}, 10};

const std::string kSound = R"(name = "sound"
backend = "reference"
[data]
type = "given"
[train]
epochs = 3
[blocks.pair]
parameters = { filters = 4 }
layers = [
  { name = "a", type = "conv2d", filters = "$filters", kernel = 3, padding = "same", activation = "relu" },
  { name = "sum", type = "add", inputs = ["a", "input"] },
]
[classifier]
loss = "cross_entropy"
layers = [
  { name = "stem", type = "conv2d", filters = 4, kernel = 3 },
  { name = "res", type = "pair" },
  { name = "again", type = "pair" },
  { name = "flat", type = "flatten" },
  { name = "embedding", type = "dense", units = 16, activation = "relu" },
  { name = "logits", type = "dense", units = 10 },
]
[[decoder]]
name = "coarse"
tap = "embedding"
target = "res"
layers = [
  { name = "hidden", type = "dense", units = 2704 },
  { name = "image", type = "reshape", shape = [4, 26, 26] },
]
[[decoder]]
name = "fine"
tap = ["coarse/hidden", "embedding"]
weight = 0.5
layers = [
  { name = "both", type = "concat" },
  { name = "pixels", type = "dense", units = 784 },
  { name = "image", type = "reshape", shape = [1, 28, 28] },
]
)";

GraphDraft draft_of(const std::string& text) { return draft_graph({text, "graph.toml", "/work"}, builtin_plugins()); }

/// The messages for a text in which `from` stands once and is replaced, without their hints.
std::vector<std::string> told_after(const std::vector<std::pair<std::string, std::string>>& changes,
                                    const std::optional<DataShape>& data = digits) {
  std::string text = kSound;
  for (const auto& [from, to] : changes) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  }
  std::vector<std::string> told;
  for (const Diagnostic& mistake : mistakes_of(draft_of(text), data, builtin_plugins())) told.push_back(mistake.message);
  return told;
}

const std::vector<std::string> kPieces = {
      "[", "]", "{", "}", "\"", "=", ",", "\n", "$", "/", "-1", "0", "{}", "[]", "\"\"", "x", "1e9", "type", "name", "true",
      "inputs = [\"a\"],", "tap", "[[decoder]]\n", "pair", "embedding", "coarse", "target"};

/// A network from a damaged text, or what is wrong with it.
bool is_network_or_refused(const std::string& text, const std::optional<DataShape>& data) {
  try {
    const GraphDraft draft = draft_of(text);
    const std::vector<Diagnostic> mistakes = mistakes_of(draft, data, builtin_plugins());
    if (mistakes.empty() && data) const Graph network(draft.spec, *data, builtin_plugins());
    return mistakes.size() >= (draft.mistakes.empty() ? 0U : 1U);
  } catch (const GraphError& error) {  // it is no TOML
    return !error.diagnostics().empty();
  }
}

}  // namespace

TEST_CASE("a sound file has no mistakes, with data and without") {
  CHECK(told_after({}).empty());
  CHECK(told_after({}, std::nullopt).empty());
}

TEST_CASE("without data shapes aren't judged, and names and losses are") {
  const std::vector<std::string> told = told_after(
      {{"units = 10", "units = 11"}, {"tap = \"embedding\"", "tap = \"embeding\""}, {"weight = 0.5", "loss = \"cross_entropy\""}},
      std::nullopt);
  REQUIRE(told.size() == 2);
  CHECK_THAT(told[0], Catch::Contains("taps \"embeding\""));
  CHECK_THAT(told[1], Catch::Contains("compares with labels"));
}

TEST_CASE("what rests on a mistake is not told") {
  SECTION("a name that is misspelt as a key leaves taps and inputs unjudged") {
    CHECK(told_after({{"name = \"embedding\"", "nmae = \"embedding\""}}).size() == 1);
    CHECK(told_after({{"name = \"coarse\"", "nam = \"coarse\""}}).size() == 1);
    CHECK(told_after({{"name = \"a\"", "name = 3"}}).size() == 1);
  }
  SECTION("a list of layers that is none leaves them unjudged, too") {
    CHECK(told_after({{"loss = \"cross_entropy\"\nlayers", "loss = \"cross_entropy\"\nlayer"}}).size() == 1);
    CHECK(told_after({{"target = \"res\"\nlayers", "target = \"res\"\nlayer"}}).size() == 1);
  }
  SECTION("a block whose layers are wrong stands for no others") {
    CHECK(told_after({{"[blocks.pair]", "[blocks.pair2]"}}).size() == 2);  // the two uses
    CHECK(told_after({{"layers = [\n  { name = \"a\"", "layer = [\n  { name = \"a\""}}).size() == 1);
    CHECK(told_after({{"filters = 4 }\nlayers", "filtres = 4 }\nlayers"}}).size() == 1);
  }
  SECTION("an unknown tap leaves what it feeds unjudged") {
    CHECK(told_after({{"\"coarse/hidden\"", "\"coarse/hiden\""}}).size() == 1);
    CHECK(told_after({{"tap = [\"coarse/hidden\", \"embedding\"]", "tap = 7"}}).size() == 1);
  }
  SECTION("inputs that are wrong make no circle and no wrong count") {
    CHECK(told_after({{"inputs = [\"a\", \"input\"]", "inputs = 3"}}).size() == 1);
    CHECK(told_after({{"name = \"stem\"", "name = \"stem\", inputs = 3"}}).size() == 1);
    CHECK(told_after({{"name = \"flat\"", "name = \"flat\", inputs = [\"logits\", 3]"}}).size() == 1);
  }
}

TEST_CASE("a damaged file makes a network or is refused, and nothing else") {
  Random random;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = damaged(kSound, kPieces, 4, random);
    INFO(text);
    REQUIRE(is_network_or_refused(text, digits));
    REQUIRE(is_network_or_refused(text, std::nullopt));
  }
}
