// What is certainly not meant is said, once, where it stands; and nothing is said of what may be meant.
#include "graph/warnings.h"

#include <filesystem>

#include "catch.h"
#include "graph/output_range.h"
#include "places.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const DataShape small{{1, 4, 4}, 3};

const std::string kText = R"(name = "test"
backend = "reference"
[data]
type = "given"
[classifier]
loss = "cross_entropy"
layers = [
  { name = "flat", type = "flatten" },
  { name = "hidden", type = "dense", units = 8, activation = "relu" },
  { name = "embedding", type = "dense", units = 8, activation = "relu" },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "d"
tap = "embedding"
layers = [
  { name = "pixels", type = "dense", units = 16, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 4, 4] },
]
)";

using Changes = std::vector<std::pair<std::string, std::string>>;

GraphSpec spec_after(const Changes& changes, const std::vector<Override>& overrides = {}) {
  std::string text = kText;
  for (const auto& [from, to] : changes) {
    const std::size_t at = text.find(from);
    REQUIRE(at != std::string::npos);
    text.replace(at, from.size(), to);
  }
  return parse_graph(text, "graph.toml", "/work", builtin_plugins(), overrides);
}

std::vector<Diagnostic> warned(const Changes& changes, const std::vector<Override>& overrides = {}) {
  const GraphSpec spec = spec_after(changes, overrides);
  std::vector<Diagnostic> found = warnings_of(spec, builtin_plugins());
  const Graph graph(spec, small, builtin_plugins());
  for (const Diagnostic& warning : warnings_of(graph)) found.push_back(warning);
  return found;
}

/// The only warning says this, advises that, and stands in this line.
void check_warning(const Changes& changes, const std::string& message, const std::string& hint, int line) {
  const std::vector<Diagnostic> found = warned(changes);
  INFO(render(found, "warning"));
  REQUIRE(found.size() == 1);
  CHECK_THAT(found[0].message, ContainsSubstring(message));
  CHECK_THAT(found[0].hint, ContainsSubstring(hint));
  CHECK(found[0].where.line == line);
}

Changes normalized(const Changes& more = {}) {
  Changes changes{{"[data]\ntype = \"given\"\n", ""},
                  {"[classifier]", "[data]\ntype = \"given\"\naugment = [ { type = \"normalize\", mean = 0.5, deviation = 0.25 } ]\n[classifier]"}};
  changes.insert(changes.end(), more.begin(), more.end());
  return changes;
}

}  // namespace

TEST_CASE("what may be meant is not warned of") {
  CHECK(warned({}).empty());
  CHECK(warned({{"activation = \"sigmoid\"", "activation = \"relu\""}}).empty());
  CHECK(warned(normalized({{", activation = \"sigmoid\"", ""}})).empty());
  CHECK(warned({{"name = \"hidden\"", "name = \"hidden\", freeze = true"}}).empty());
}

TEST_CASE("the graph files of the project are as they are meant") {
  for (const auto& entry : std::filesystem::directory_iterator(project_folder() + "/graphs")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().string());
    const GraphSpec spec = read_graph(entry.path().string(), builtin_plugins());
    CHECK(warnings_of(spec, builtin_plugins()).empty());
    const Graph graph(spec, data_shape_of_project(spec), builtin_plugins());
    CHECK(warnings_of(graph).empty());
  }
}

TEST_CASE("an activation before a loss of logits is warned of, wherever it stands") {
  const std::string message = "feeds the loss \"cross_entropy\", which applies softmax itself";
  check_warning({{"units = 3", "units = 3, activation = \"softmax\""}}, "layer \"logits\" (dense) ends with softmax and " + message,
                "end with a layer that has no activation", 11);
  check_warning({{"units = 3 },", "units = 3 },\n  { name = \"p\", type = \"activation\", function = \"softmax\" },"}},
                "layer \"p\" (activation) ends with softmax", "takes logits", 12);
  check_warning({{"units = 3 },", "units = 3, activation = \"relu\" },\n  { type = \"reshape\", shape = [3] },"}},
                "layer \"logits\" (dense) ends with relu", "takes logits", 11);
  check_warning({{"\"cross_entropy\"", "[ { type = \"cross_entropy\" }, { type = \"cross_entropy\", label_smoothing = 0.1 } ]"},
                 {"units = 3", "units = 3, activation = \"softmax\""}},
                message, "takes logits", 11);
}

TEST_CASE("a loss of probabilities must get some, and one of logits none") {
  const auto loss = [](const std::string& text) { return std::pair<std::string, std::string>("tap =", "loss = " + text + "\ntap ="); };
  CHECK(warned({loss("\"binary_cross_entropy\"")}).empty());
  CHECK(warned({loss("{ type = \"binary_cross_entropy\", logits = true }"), {", activation = \"sigmoid\"", ""}}).empty());
  check_warning({loss("{ type = \"binary_cross_entropy\", logits = true }")}, "which with logits = true applies sigmoid itself",
                "leave logits out of the loss", 18);
  check_warning({loss("\"binary_cross_entropy\""), {", activation = \"sigmoid\"", ""}},
                "layer \"pixels\" (dense) has no activation and feeds the loss \"binary_cross_entropy\", which takes probabilities",
                "give the loss logits = true", 18);
  check_warning({loss("\"binary_cross_entropy\""), {"\"sigmoid\"", "\"tanh\""}}, "ends with tanh", "activation = \"sigmoid\"", 18);
  check_warning(normalized({loss("\"binary_cross_entropy\"")}), "brings images to numbers from −2 to 2", "loss = \"mse\"", 16);
}

TEST_CASE("a decoder must be able to give a normalized image's numbers") {
  check_warning(normalized(), "ends with sigmoid, which gives numbers from 0 to 1, and the decoder \"d\" has to recreate images that "
                              "\"normalize\" brings to numbers from −2 to 2",
                "end with a layer that has no activation", 18);
  check_warning(normalized({{"\"sigmoid\"", "\"relu\""}}), "gives numbers at least 0", "no activation", 18);
  check_warning(normalized({{"\"sigmoid\"", "\"tanh\""}}), "gives numbers from −1 to 1", "no activation", 18);
  CHECK(warned(normalized({{"\"sigmoid\"", "\"gelu\""}})).empty());
  CHECK(warned(normalized({{"tap = \"embedding\"", "tap = \"embedding\"\ntarget = \"hidden\""},
                           {"units = 16", "units = 8"},
                           {"  { name = \"picture\", type = \"reshape\", shape = [1, 4, 4] },\n", ""}}))
            .empty());
}

TEST_CASE("softmax recreates no image") {
  check_warning({{"\"sigmoid\"", "\"softmax\""}}, "whose numbers add up to 1", "activation = \"sigmoid\"", 17);
}

TEST_CASE("numbers that switch a key off are warned of, where the file says them") {
  check_warning({{"{ name = \"logits\"", "{ type = \"dropout\", rate = 0 },\n  { name = \"logits\""}},
                "layer \"dropout1\" (dropout) changes nothing: its rate is 0", "take it out", 11);
  check_warning({{"tap =", "weight = 0\ntap ="}}, "the decoder \"d\" has the weight 0", "sign = \"none\"", 15);
  CHECK(warned({{"tap =", "weight = 0\nsign = \"none\"\ntap ="}}).empty());
  CHECK(warned({}, {{"decoder.weight=0"}}).empty());
}

TEST_CASE("a decoder whose loss comes to no weight of the classifier is warned of") {
  const std::string message = "the loss of the decoder \"d\" enters the classifier's and changes nothing there";
  const std::string frozen = "activation = \"relu\", freeze = true";
  check_warning({{"activation = \"relu\"", frozen}, {"activation = \"relu\" }", frozen + " }"}}, message, "tap a later layer", 15);
  check_warning({{"tap = \"embedding\"", "tap = \"flat\""}}, message + ": no weight that is trained lies between the image and its tap \"flat\"",
                "tap a later layer", 15);
  check_warning({{"  { name = \"pixels\"", "  { type = \"stop_gradient\" },\n  { name = \"pixels\""}}, message, "stop_gradient", 15);
  check_warning({{"activation = \"relu\"", "activation = \"relu\", learning_rate_factor = 0"},
                 {"activation = \"relu\" }", "activation = \"relu\", learning_rate_factor = 0 }"}},
                message, "tap a later layer", 15);
}

TEST_CASE("a decoder on a decoder works on the classifier through it") {
  const std::string second = R"([[decoder]]
name = "second"
tap = "d/pixels"
target = "flat"
layers = [ { name = "out", type = "dense", units = 16 } ]
)";
  CHECK(warned({{"[[decoder]]", second + "[[decoder]]"}}).empty());
  const std::vector<Diagnostic> found = warned({{"[[decoder]]", second + "[[decoder]]"}, {"tap = \"embedding\"", "tap = \"flat\""}});
  REQUIRE(found.size() == 2);
  CHECK_THAT(found[0].message, ContainsSubstring("\"second\""));
  CHECK_THAT(found[1].message, ContainsSubstring("\"d\""));
}

TEST_CASE("a player that nothing trains is warned of") {
  check_warning({{"activation = \"relu\"", "activation = \"relu\", freeze = true"},
                 {"activation = \"relu\" }", "activation = \"relu\", freeze = true }"},
                 {"units = 3", "units = 3, freeze = true"}},
                "nothing of the classifier is trained", "leave freeze out", 5);
  check_warning({{"tap =", "sign = \"none\"\ntap ="}, {"units = 16", "units = 16, freeze = true"}},
                "the decoder \"d\" only watches, and has no weights to learn with", "leave freeze out", 13);
}

TEST_CASE("images' range goes through every normalize") {
  const GraphSpec spec = spec_after({{"type = \"given\"", "type = \"given\"\naugment = [ { type = \"normalize\", mean = [0.5, 0], deviation = 0.5 }, "
                                                         "{ type = \"normalize\", mean = 1, deviation = [2, 4] } ]"}});
  // Channel 0: [−1, 1] and then [−1, 0]; channel 1: [0, 2] and then [−0.25, 0.25].
  CHECK(range_of_images(spec.data).low == -1.0);
  CHECK(range_of_images(spec.data).high == 0.25);
}
