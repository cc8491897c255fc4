// --set KEY=VALUE

#include "catch.h"
#include "graph_text.h"

using namespace generalizer;

namespace {

GraphSpec overridden(std::initializer_list<std::string> sets) {
  std::vector<Override> overrides;
  for (const std::string& set : sets) overrides.push_back({set});
  return read(kGraph, overrides);
}

/// The sound graph with a second decoder, tapped at conv1.
const std::string& two_decoders() {
  static const std::string text =
      kGraph + "[[decoder]]\nname = \"other\"\ntap = \"conv1\"\nlayers = [ { type = \"flatten\" } ]\n";
  return text;
}

}  // namespace

TEST_CASE("an override by --set replaces a value, and the last one counts") {
  CHECK(overridden({"train.epochs=2"}).train.epochs == 2);
  CHECK(overridden({"train.epochs=2", "train.epochs=3"}).train.epochs == 3);
  CHECK(overridden({" train.epochs = 4 "}).train.epochs == 4);
}

TEST_CASE("an override by --set adds keys and tables that the file leaves out") {
  CHECK(overridden({"seed=7"}).seed == 7);
  CHECK(overridden({"train.shuffle=false"}).train.shuffle == false);
  CHECK(overridden({"data.train.images=a"}).data.parameters.table("train").string("images") == "a");
  CHECK(overridden({"data.train.images=a"}).data.parameters.table("train").string("labels") ==
        "train-labels");
  CHECK(read(with(kGraph, "[train]\nepochs = 5\n", ""), {{"train.epochs=2"}}).train.epochs == 2);
}

TEST_CASE("a bare word is a string") {
  CHECK(overridden({"name=trial"}).name == "trial");
  CHECK(overridden({"name=2nd"}).name == "2nd");
  CHECK(overridden({"name='a b'"}).name == "a b");
  CHECK(overridden({"data.root=/x/y"}).data.parameters.string("root") == "/x/y");
  CHECK(overridden({"data.root=a=b"}).data.parameters.string("root") == "/work/a=b");
  CHECK(overridden({"data.root=a\nseed=3"}).seed == 0);
}

TEST_CASE(
    "an element of a list of tables is named by its name, its index, or nothing when it is the only one") {
  CHECK(overridden({"decoder.weight=0.5"}).decoders[0].weight == 0.5);
  CHECK(overridden({"decoder.autoencoder.weight=0.5"}).decoders[0].weight == 0.5);
  CHECK(overridden({"decoder.0.weight=0.5"}).decoders[0].weight == 0.5);
  CHECK(
      overridden({"classifier.layers.embedding.units=64"}).classifier.layers[2].parameters.integer("units") ==
      64);
  CHECK(overridden({"classifier.layers.flatten1.name=flat"}).classifier.layers[1].name.text == "flat");
  CHECK(overridden({"classifier.layers.2.units=64"}).classifier.layers[2].parameters.integer("units") == 64);
  CHECK(overridden({"decoder.layers.pixels.activation=sigmoid"})
            .decoders[0]
            .layers[0]
            .parameters.string("activation") == "sigmoid");
  CHECK(
      overridden({"decoder.layers.image.shape.0=2"}).decoders[0].layers[1].parameters.integers("shape")[0] ==
      2);
  const GraphSpec two = read(two_decoders(), {{"decoder.other.weight=3"}, {"decoder.0.weight=4"}});
  CHECK(two.decoders[0].weight == 4);
  CHECK(two.decoders[1].weight == 3);
}

TEST_CASE("lists are replaced whole") {
  CHECK(overridden({"decoder=[]"}).decoders.empty());
  CHECK(overridden({"decoder.layers.image.shape=[784]"}).decoders[0].layers[1].parameters.integers("shape") ==
        std::vector<std::int64_t>{784});
  const GraphSpec graph = overridden(
      {R"(classifier.layers=[{ type = "flatten" }, { name = "embedding", type = "dense", units = 10 }])"});
  CHECK(graph.classifier.layers.size() == 2);
}

TEST_CASE("what chooses a type is switched by its name and filled in by its keys") {
  CHECK(overridden({"backend=reference"}).backend.type.text == "reference");
  CHECK(overridden({"backend=cuda:1"}).backend.parameters.integer("device") == 1);
  CHECK(overridden({"backend.threads=2"}).backend.parameters.integer("threads") == 2);
  CHECK(overridden({"classifier.optimizer=sgd"}).classifier.optimizer.parameters.number("learning_rate") ==
        1e-2);
  CHECK(overridden({"classifier.optimizer.learning_rate=0.5"})
            .classifier.optimizer.parameters.number("learning_rate") == 0.5);
  CHECK(overridden({"decoder.optimizer.epsilon=0.5"}).decoders[0].optimizer.parameters.number("epsilon") ==
        0.5);
  CHECK(overridden({"decoder.autoencoder.optimizer.epsilon=0.5"})
            .decoders[0]
            .optimizer.parameters.number("epsilon") == 0.5);
  CHECK(overridden({R"(backend={ type = "onednn", threads = 3 })"}).backend.parameters.integer("threads") ==
        3);
  CHECK(read(with(kGraph, "backend = \"onednn\"\n", ""), {{"backend.threads=2"}}).backend.type.text ==
        "onednn");
}

TEST_CASE("positions of overridden values are those of the override") {
  const GraphSpec graph = overridden({"classifier.layers.embedding.units=64"});
  const SourcePosition where = graph.classifier.layers[2].parameters.where("units");
  CHECK(where.file == "--set classifier.layers.embedding.units=64");
  CHECK(where.line == 1);
  CHECK(where.column == 35);
  CHECK(where.text == "classifier.layers.embedding.units=64");
}

TEST_CASE("values of --set are checked as the file's are") {
  check_override_mistake("train.epochs=x", "x",
                         R"("epochs" in [train] must be an integer, found the string "x")", "Passes");
  check_override_mistake("train.epochs=0", "0", R"("epochs" in [train] must be at least 1, found 0)",
                         "Passes");
  check_override_mistake("train.epochs = 2.0", "2.0",
                         R"("epochs" in [train] must be an integer, found the number 2.0)", "2");
  check_override_mistake("backend=onedn", "onedn",
                         R"(unknown backend "onedn" in the graph; did you mean "onednn"?)", "known backends");
  check_override_mistake("decoder.sign=minus", "minus",
                         R"(unknown value "minus" for "sign" in decoder "autoencoder")", "allowed");
  check_override_mistake("decoder.layers.image.shape=[1, x]", "x",
                         "this is not valid TOML: error while parsing value: could not determine value type",
                         "text stands in quotes");
  check_override_mistake(
      "decoder.layers.image.shape=[1, 'x']", "'x'",
      R"(element 2 of "shape" in layer "image" (reshape) must be an integer, found the string "x")", "");
  check_override_mistake("data.root=${GENERALIZER_TEST_UNSET}", "$",
                         "the environment variable GENERALIZER_TEST_UNSET is not set and has no default here",
                         "set it");
}

TEST_CASE("an unknown key of --set is refused at the key, with the nearest") {
  check_override_mistake("train.epocs=2", "epocs",
                         R"(unknown key "epocs" in [train]; did you mean "epochs"?)", "known keys: epochs");
  check_override_mistake("trian.epochs=2", "trian",
                         R"(unknown key "trian" in the graph; did you mean "train"?)", "known keys: name");
  check_override_mistake("decoder.wieght=2", "wieght",
                         R"(unknown key "wieght" in decoder "autoencoder"; did you mean "weight"?)",
                         "known keys");
  check_override_mistake("classifier.layers.embedding.unit=2",
                         "unit=", R"(unknown key "unit" in layer "embedding" (dense); did you mean "units"?)",
                         "known keys");
  check_override_mistake("backend.treads=2", "treads",
                         R"(unknown key "treads" in backend (onednn); did you mean "threads"?)", "threads");
}

TEST_CASE("an unknown element of --set is refused at the name, with the nearest") {
  check_override_mistake("classifier.layers.embeding.units=2", "embeding",
                         R"(there is no layer "embeding" in "classifier.layers"; did you mean "embedding"?)",
                         "layers there: conv1, flatten1, embedding, logits");
  check_override_mistake("classifier.layers.9.units=2", "9",
                         R"(there is no layer "9" in "classifier.layers")", "layers there: conv1");
  check_override_mistake("decoder.autoencodr.weight=2", "autoencodr",
                         R"(there is no decoder "autoencodr" in "decoder"; did you mean "autoencoder"?)",
                         "decoders there: autoencoder");
  const std::vector<Diagnostic> two = mistakes(two_decoders(), {{"decoder.weight=2"}});
  REQUIRE(two.size() == 1);
  CHECK(two[0].message == R"(there is no decoder "weight" in "decoder")");
  CHECK(two[0].hint == "decoders there: autoencoder, other");
  const std::vector<Diagnostic> none = mistakes(kGraph, {{"decoder=[]"}, {"decoder.weight=2"}});
  REQUIRE(none.size() == 1);
  CHECK(none[0].message == R"("decoder" is an empty list, so there is no "weight" in it)");
  CHECK(none[0].hint == "add a decoder to the graph file");
}

TEST_CASE("a path that goes on behind a value is refused") {
  check_override_mistake("train.epochs.x=2", "x", R"("train.epochs" is the integer 5, which has no key "x")",
                         "end the path at train.epochs");
  check_override_mistake("name.x.y=2", "x", R"("name" is the string "small", which has no key "x")",
                         "end the path at name");
}

TEST_CASE("what is no KEY=VALUE is refused") {
  check_override_mistake("train.epochs", "train", R"(--set wants KEY=VALUE, found "train.epochs")",
                         "such as train.epochs=2");
  check_override_mistake("train.epochs=", "=",
                         "nothing stands behind the = of --set train.epochs=", "KEY='\"\"'");
  check_override_mistake("=3", "=", "a key is missing in --set =3", "train.epochs=2");
  check_override_mistake("train..epochs=3", ".epochs", "a key is missing in --set train..epochs=3",
                         "train.epochs=2");
}
