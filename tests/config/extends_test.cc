#include <fstream>

#include "catch.h"
#include "config/graph_spec.h"
#include "support/networks.h"
#include "support/temporary_folder.h"

using namespace generalizer;
using namespace generalizer::test;
using generalizer::testing::TemporaryFolder;

namespace {

const char* const kBase = R"(
name = "base"
[data]
type = "idx"
root = "data"
[train]
epochs = 50
batch = 16
[classifier]
loss = "cross_entropy"
optimizer = { type = "adam", learning_rate = 0.01, beta1 = 0.5 }
layers = [ { type = "flatten" }, { name = "embedding", type = "dense", units = 8 }, { name = "logits", type = "dense", units = 10 } ]
[[decoder]]
name = "near"
tap = "embedding"
target = "embedding"
weight = 2.0
layers = [ { name = "out", type = "dense", units = 8 } ]
)";

class Files {
 public:
  void write(const std::string& name, const std::string& text) const {
    std::filesystem::create_directories((folder_.path() / name).parent_path());
    std::ofstream(folder_.path() / name) << text;
  }
  std::string path(const std::string& name) const { return (folder_.path() / name).string(); }
  GraphSpec read(const std::string& name, const std::vector<Override>& overrides = {}) const {
    return read_graph(path(name), builtin_plugins(), overrides);
  }
  std::string mistake(const std::string& name) const {
    try {
      read(name);
    } catch (const GraphError& error) {
      return error.what();
    }
    FAIL("the file was accepted");
    return {};
  }

 private:
  TemporaryFolder folder_;
};

}  // namespace

TEST_CASE("a graph that extends another changes what it says and keeps the rest") {
  const Files files;
  files.write("base.toml", kBase);
  files.write("mine.toml",
              "extends = \"base.toml\"\nname = \"mine\"\n[train]\nsteps = 100\n[classifier]\noptimizer = { "
              "learning_rate = 0.5 }\n[[decoder]]\nname = \"near\"\nweight = 7.0\n");
  const GraphSpec graph = files.read("mine.toml");
  CHECK(graph.name == "mine");
  CHECK(graph.train.steps == 100);
  CHECK(graph.train.batch == 16);
  CHECK(graph.classifier.optimizer.parameters.number("learning_rate") == 0.5);
  CHECK(graph.classifier.optimizer.parameters.number("beta1") == 0.5);
  REQUIRE(graph.decoders.size() == 1);
  CHECK(graph.decoders[0].weight == 7.0);
  CHECK(graph.decoders[0].layers.size() == 1);
}

TEST_CASE("another type's table replaces the base's whole, and a decoder of a new name is one more") {
  const Files files;
  files.write("base.toml", kBase);
  files.write("mine.toml",
              "extends = \"base.toml\"\n[classifier]\noptimizer = { type = \"sgd\" }\n[[decoder]]\nname = \"far\"\ntap = "
              "\"embedding\"\ntarget = \"embedding\"\nlayers = [ { type = \"dense\", units = 8 } ]\n");
  const GraphSpec graph = files.read("mine.toml");
  CHECK(graph.classifier.optimizer.type.text == "sgd");
  CHECK(graph.decoders.size() == 2);
}

TEST_CASE("set changes single values after the base, the command line's after those") {
  const Files files;
  files.write("base.toml", kBase);
  files.write("mine.toml", "extends = \"base.toml\"\nset = [\"classifier.layers.embedding.units=64\", \"train.epochs=3\"]\n");
  const GraphSpec graph = files.read("mine.toml", {{"train.epochs=4"}});
  CHECK(graph.classifier.layers[1].parameters.integer("units") == 64);
  CHECK(graph.train.epochs == 4);
}

TEST_CASE("relative paths are relative to the file in which they stand") {
  const Files files;
  files.write("bases/base.toml", kBase);
  files.write("mine.toml", "extends = \"bases/base.toml\"\n");
  CHECK(files.read("mine.toml").data.parameters.string("root") == files.path("bases/data"));
}

TEST_CASE("a mistake in a base is told in the base's file") {
  const Files files;
  files.write("base.toml", std::string(kBase) + "everry = 3\n");
  files.write("mine.toml", "extends = \"base.toml\"\n");
  const std::string text = files.mistake("mine.toml");
  CHECK(text.find(files.path("base.toml") + ":19:1: error: unknown key \"everry\"") != std::string::npos);
}

TEST_CASE("a base that isn't there, and one that leads back, name both files") {
  const Files files;
  files.write("mine.toml", "extends = \"none.toml\"\n");
  CHECK(files.mistake("mine.toml").find("mine.toml extends \"none.toml\", which is " + files.path("none.toml")) !=
        std::string::npos);
  files.write("a.toml", "extends = \"b.toml\"\n");
  files.write("b.toml", "extends = \"a.toml\"\n");
  const std::string circle = files.mistake("a.toml");
  CHECK(circle.find("\"extends\" leads in a circle") != std::string::npos);
  CHECK(circle.find("b.toml") != std::string::npos);
}

TEST_CASE("a wrong set is told at its place in the file") {
  const Files files;
  files.write("base.toml", kBase);
  files.write("mine.toml", "extends = \"base.toml\"\nset = [\"train.epochz=3\"]\n");
  const std::string text = files.mistake("mine.toml");
  CHECK(text.find("mine.toml:2:") != std::string::npos);
  CHECK(text.find("epochs") != std::string::npos);
}
