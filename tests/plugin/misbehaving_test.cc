// What a plugin does wrong once it is loaded is told at the place in the graph that uses it, and ends nothing else.
#include <filesystem>

#include "catch.h"
#include "data/splits.h"
#include "lower/steps.h"
#include "support/networks.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using namespace generalizer::test;
namespace fs = std::filesystem;

namespace {

/// The built-in plugins and the misbehaving one, from a path with spaces and letters of many alphabets.
const Registry& registry() {
  static Registry loaded;
  static const bool done = [] {
    load_builtin_plugins(loaded);
    static const generalizer::testing::TemporaryFolder folder;
    const fs::path strange = folder.path() / "mein Ördner – 层 слой";
    fs::create_directory(strange);
    fs::copy_file(std::string(TEST_PLUGINS) + "/misbehaving.so", strange / "my plug in.so");
    load_plugin((strange / "my plug in.so").string(), loaded);
    return true;
  }();
  (void)done;
  return loaded;
}

const DataShape data{{1, 6, 6}, 3};

std::string with_layer(const std::string& type) {
  return "[classifier]\nloss = \"cross_entropy\"\nlayers = [ { type = \"flatten\" }, { name = \"mine\", type = \"" + type +
         "\" }, { type = \"dense\", units = 3 } ]\n";
}

std::string told(const std::string& type) { return complaint(with_layer(type), data, registry()); }

}  // namespace

TEST_CASE("a plugin is loaded from a path with spaces and any letters, and the registry knows it") {
  CHECK_THAT(registry().origin("layer", "throws_number"), ContainsSubstring("mein Ördner – 层 слой/my plug in.so"));
}

TEST_CASE("whatever a layer throws while it is built is told at the layer") {
  CHECK_THAT(told("throws_standard"), ContainsSubstring("test.toml:") && ContainsSubstring("its type's plugin failed: no such table"));
  CHECK_THAT(told("throws_number"), ContainsSubstring("layer \"mine\" (throws_number)") &&
                                        ContainsSubstring("it threw something that is no std::exception"));
  CHECK_THAT(told("gives_nothing"), ContainsSubstring("its type's plugin built no output"));
}

TEST_CASE("a layer whose output no layer could take is refused") {
  CHECK_THAT(told("drops_the_batch"), ContainsSubstring("layer \"mine\" (drops_the_batch) gives f64[36]") &&
                                          ContainsSubstring("the first extent must be the batch"));
  CHECK_THAT(told("gives_integers"), ContainsSubstring("gives i32[") && ContainsSubstring("the type f64"));
}

TEST_CASE("whatever the shape rule of a plugin's own op throws is told at the layer that uses it") {
  CHECK_THAT(told("uses_broken_rule"), ContainsSubstring("layer \"mine\" (uses_broken_rule)") &&
                                           ContainsSubstring("broken_rule(f64[") &&
                                           ContainsSubstring("its shape rule failed: axis 7 of 2"));
}

TEST_CASE("a loss and an optimizer that throw are told where they are named") {
  CHECK_THAT(complaint("[classifier]\nloss = \"throwing_loss\"\nlayers = [ { type = \"flatten\" }, { type = \"dense\", units = 3 } ]\n",
                       data, registry()),
             ContainsSubstring("the loss \"throwing_loss\"") && ContainsSubstring("weights were never set"));
  const Graph graph = graph_of(
      "[classifier]\nloss = \"cross_entropy\"\noptimizer = \"throwing_optimizer\"\nlayers = [ { type = \"flatten\" }, { type = "
      "\"dense\", units = 3 } ]\n",
      data, registry());
  CHECK_THROWS_WITH(classifier_step(graph, 2),
                    ContainsSubstring("the optimizer \"throwing_optimizer\" can't update classifier/dense1/kernel") &&
                        ContainsSubstring("too long a history"));
}

TEST_CASE("a dataset that throws is named") {
  const GraphSpec spec = parse_graph(
      "[data]\ntype = \"throwing_dataset\"\n[classifier]\nloss = \"cross_entropy\"\nlayers = [ { type = \"flatten\" } ]\n",
      "test.toml", ".", registry());
  CHECK_THROWS_WITH(open_splits(spec, registry()),
                    ContainsSubstring("The dataset type \"throwing_dataset\" failed: the tape is torn"));
}
