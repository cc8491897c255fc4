// Names that nobody declared: keys, types, choices.

#include "catch.h"
#include "graph_text.h"
#include "registry.h"

using namespace generalizer;

TEST_CASE("a misspelt key of a layer is refused at the key, with the nearest and all names") {
  check_mistake(with(kGraph, "kernel = 3, activation", "kernel = 3, activaton"), "activaton",
                R"(unknown key "activaton" in layer "conv1" (conv2d); did you mean "activation"?)",
                "known keys: name, type, inputs, filters, kernel, padding, stride, bias, activation");
}

TEST_CASE("a misspelt key of each other table is refused, too") {
  check_mistake("sede = 1\n" + kGraph, "sede", R"(unknown key "sede" in the graph; did you mean "seed"?)",
                "known keys: name, seed, precision, backend, plugins, data, train, classifier, decoder");
  check_mistake(with(kGraph, "epochs", "epocs"), "epocs",
                R"(unknown key "epocs" in [train]; did you mean "epochs"?)",
                "known keys: epochs, steps, batch, shuffle");
  check_mistake(with(kGraph, "loss =", "lose ="), "lose",
                R"(unknown key "lose" in [classifier]; did you mean "loss"?)",
                "known keys: loss, optimizer, layers");
  check_mistake(with(kGraph, "weight", "wieght"), "wieght",
                R"(unknown key "wieght" in decoder "autoencoder"; did you mean "weight"?)",
                "known keys: name, tap, target");
  check_mistake(
      with(kGraph, "learning_rate", "learnign_rate"), "learnign_rate",
      R"(unknown key "learnign_rate" in the optimizer of [classifier] (adam); did you mean "learning_rate"?)",
      "known keys: type, learning_rate, epsilon");
  check_mistake(with(kGraph, "root = ", "test = { lables = 'x' }\nroot = "), "lables",
                R"(unknown key "lables" in "test" in [data] (idx); did you mean "labels"?)",
                "known keys: images, labels");
  check_mistake(with(kGraph, "root = ", "rot = 1\nroot = "), "rot = 1",
                R"(unknown key "rot" in [data] (idx); did you mean "root"?)",
                "known keys: type, root, train, test");
  check_mistake(with(kGraph, "\"onednn\"", "{ type = \"onednn\", treads = 2 }"), "treads",
                R"(unknown key "treads" in backend (onednn); did you mean "threads"?)",
                "known keys: type, threads");
}

TEST_CASE("a key that is nowhere near another gets the list alone") {
  check_mistake(with(kGraph, "units = 10", "units = 10, colour = 3"), "colour",
                R"(unknown key "colour" in layer "logits" (dense))",
                "known keys: name, type, inputs, units, bias, activation");
}

TEST_CASE("a key in the wrong table is told where it belongs") {
  check_mistake(with(kGraph, "epochs = 5", "seed = 5"), "seed", R"(unknown key "seed" in [train])",
                "\"seed\" stands at the top of the file, before the first [table]");
  check_mistake("epochs = 3\n" + kGraph, "epochs", R"(unknown key "epochs" in the graph)",
                "\"epochs\" is a key of [train]");
}

TEST_CASE("an unknown type lists the known ones and the folders searched") {
  check_mistake(with(kGraph, "\"conv2d\"", "\"conv2\""), "\"conv2\"",
                R"(unknown layer type "conv2" in layer "conv1"; did you mean "conv2d"?)",
                "known layer types: add, batch_norm, conv2d, conv2d_transpose, dense, everything, flatten, "
                "max_pool2d, reshape. Plugins were searched in /opt/plugins.");
  check_mistake(with(kGraph, "\"cross_entropy\"", "\"crossentropy\""), "\"crossentropy\"",
                R"(unknown loss "crossentropy" in [classifier]; did you mean "cross_entropy"?)",
                "known losses: cross_entropy, mse");
  check_mistake(with(kGraph, "\"adam\"", "\"adamw\""), "\"adamw\"",
                R"(unknown optimizer "adamw" in [classifier]; did you mean "adam"?)",
                "known optimizers: adam, sgd");
  check_mistake(with(kGraph, "\"idx\"", "\"mnist\""), "\"mnist\"",
                R"(unknown dataset type "mnist" in the graph; did you mean "idx"?)",
                "known dataset types: idx. Plugins were searched in /opt/plugins.");
  check_mistake(with(kGraph, "\"onednn\"", "\"onedn\""), "\"onedn\"",
                R"(unknown backend "onedn" in the graph; did you mean "onednn"?)",
                "known backends: cuda, onednn, reference");
  check_mistake(with(kGraph, "\"onednn\"", "\"cudda:1\""), "\"cudda:1\"",
                R"(unknown backend "cudda" in the graph; did you mean "cuda"?)",
                "known backends: cuda, onednn, reference");
}

TEST_CASE("another library's word for a key or a type is translated") {
  const auto says = [](const std::string& text, const std::string& words) {
    const std::vector<Diagnostic> found = mistakes(text);
    INFO(render(found));
    REQUIRE(found.size() == 1);
    CHECK((found[0].message + " " + found[0].hint).find(words) != std::string::npos);
  };
  says(with(kGraph, "learning_rate", "lr"), "did you mean \"learning_rate\"?");
  says(with(kGraph, "kernel = 3", "kernel_size = 3"), "did you mean \"kernel\"?");
  says(with(kGraph, "kernel = 3", "kernel = 3, strides = 2"), "did you mean \"stride\"?");
  says(with(kGraph, "filters = 32", "out_channels = 32"), "did you mean \"filters\"?");
  says(with(kGraph, "units = 10", "out_features = 10"), "did you mean \"units\"?");
  says(with(kGraph, "epochs = 5", "batch_size = 5"), "did you mean \"batch\"?");
  says(with(kGraph, "\"conv2d\"", "\"nn.Conv2d\""), "did you mean \"conv2d\"?");
  says(with(kGraph, "\"cross_entropy\"", "\"CrossEntropyLoss\""), "did you mean \"cross_entropy\"?");
  says(with(kGraph, "{ type = \"flatten\" }", "{ type = \"Linear\" }"), "did you mean \"dense\"?");
  says(with(kGraph, "{ type = \"flatten\" }", "{ type = \"ReLU\" }"), "activation = \"relu\"");
}

TEST_CASE("a required key that is misspelt is one mistake, not two") {
  check_mistake(with(kGraph, "units = 10", "unts = 10"), "unts",
                R"(unknown key "unts" in layer "logits" (dense); did you mean "units"?)", "units");
  check_mistake(with(kGraph, "[data]", "[dat]"), "dat",
                R"(unknown key "dat" in the graph; did you mean "data"?)", "");
  check_mistake(with(kGraph, "tap =", "taps ="), "taps",
                R"(unknown key "taps" in decoder "autoencoder"; did you mean "tap"?)", "");
  // Another key that is unknown doesn't stand for it.
  CHECK(mistakes(with(kGraph, "units = 10", "colour = 10")).size() == 2);
}

TEST_CASE("a precision that the backend lacks is refused at the precision, with the backends that have it") {
  check_mistake("precision = \"f64\"\n" + kGraph, "\"f64\"",
                R"(the backend "onednn" does not compute in f64; it offers "f32")",
                "backend = \"reference\" does");
  CHECK_NOTHROW(read("precision = \"f64\"\n" + with(kGraph, "\"onednn\"", "\"reference\"")));
  // The reduced ones are of f32, and are said by the backend on their own.
  check_mistake("precision = \"bf16\"\n" + with(kGraph, "\"onednn\"", "\"reference\""), "\"bf16\"",
                R"(the backend "reference" does not compute in bf16; it offers "f32" or "f64")", "");
  // Of one that isn't available here nothing is known.
  CHECK_NOTHROW(read("precision = \"f64\"\n" + with(kGraph, "\"onednn\"", "\"cuda\"")));
}

TEST_CASE("when no plugin was found, one error says so and where they were looked for") {
  Registry registry;
  registry.add_searched_folder("/opt/a");
  registry.add_searched_folder("/opt/b");
  CHECK_THROWS_AS(parse_graph(kGraph, "graph.toml", "/work", registry), PluginError);
  CHECK_THROWS_WITH(
      parse_graph(kGraph, "graph.toml", "/work", registry),
      Catch::Matchers::StartsWith("No plugins were found in /opt/a, /opt/b, so there are no layers"));
}

TEST_CASE("a backend of this project whose plugin is in no folder is no unknown name") {
  Registry registry;
  registry.add_searched_folder("/opt/a");
  LayerType layer;
  layer.name = "dense";
  layer.build = [](LayerBuilder& builder) { return builder.input(); };
  registry.add_layer(layer);
  CHECK_THROWS_AS(parse_graph(kGraph, "graph.toml", "/work", registry), PluginError);
  CHECK_THROWS_WITH(
      parse_graph(kGraph, "graph.toml", "/work", registry),
      Catch::Matchers::Contains("onednn.so is not there") && Catch::Matchers::Contains("/opt/a"));
}

TEST_CASE("a backend whose plugin could not be loaded is no unknown name: the reason is thrown") {
  const auto registry = make_registry();
  registry->add_failure(
      {"/opt/plugins/vulkan.so", "/opt/plugins/vulkan.so needs libvulkan.so.1, which is not installed."});
  CHECK_THROWS_WITH(parse_graph(with(kGraph, "\"onednn\"", "\"vulkan\""), "graph.toml", "/work", *registry),
                    "/opt/plugins/vulkan.so needs libvulkan.so.1, which is not installed.");
  CHECK_THROWS_AS(parse_graph(with(kGraph, "\"onednn\"", "\"vulkan:1\""), "graph.toml", "/work", *registry),
                  PluginError);
}

TEST_CASE("an unknown value of a choice lists the allowed ones") {
  check_mistake(with(kGraph, "\"relu\"", "\"rleu\""), "\"rleu\"",
                R"(unknown value "rleu" for "activation" in layer "conv1" (conv2d); did you mean "relu"?)",
                R"(allowed: "linear", "relu" or "sigmoid")");
  check_mistake(with(kGraph, "weight = 2", "sign = \"minus\""), "\"minus\"",
                R"(unknown value "minus" for "sign" in decoder "autoencoder")",
                R"(allowed: "negative", "positive" or "none")");
  check_mistake("precision = \"f16\"\n" + kGraph, "\"f16\"",
                R"(unknown value "f16" for "precision" in the graph; did you mean "bf16"?)",
                R"(allowed: "f32", "f64", "tf32" or "bf16")");
  check_mistake(with(kGraph, "kernel = 3", "kernel = 3, padding = \"sam\""), "\"sam\"",
                R"(unknown value "sam" for "padding" in layer "conv1" (conv2d); did you mean "same"?)",
                R"(allowed: "valid", "same", an integer or a list of integers)");
}
