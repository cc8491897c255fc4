#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "project.h"
#include "support/skip.h"

using nlohmann::json;

TEST_CASE("check counts weights and shows shapes, as JSON and as a table") {
  const Project project;
  const Ended ended = project.run({"check", "graph.toml", "--json"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json report = json::parse(ended.out);
  CHECK(report["name"] == "small");
  CHECK(report["data"]["train"] == 60);
  CHECK(report["data"]["test"] == 21);
  CHECK(report["data"]["image"] == json({1, 6, 6}));
  CHECK(report["data"]["classes"] == 3);
  CHECK(report["backend"]["available"] == true);
  REQUIRE(report["layers"].size() == 6);
  CHECK(report["layers"][0]["name"] == "conv1");
  CHECK(report["layers"][0]["output"] == json({8, 4, 4, 4}));
  CHECK(report["layers"][0]["weights"] == 4 * 9 + 4);
  CHECK(report["layers"][2]["weights"] == 64 * 8 + 8);
  CHECK(report["layers"][3]["weights"] == 8 * 3 + 3);
  CHECK(report["layers"][4]["player"] == "autoencoder");
  CHECK(report["layers"][4]["weights"] == 8 * 36 + 36);
  CHECK(report["weights"] == 40 + 520 + 27 + 324);
  CHECK(report["steps"].size() == 3);
  CHECK(report["peak_bytes"] > report["weight_bytes"]);

  const Ended table = project.run({"check", "graph.toml"});
  CHECK(table.code == 0);
  CHECK_THAT(table.out, ContainsSubstring("classifier/embedding") && ContainsSubstring("8×4×4×4") &&
                            ContainsSubstring("60 images"));
}

TEST_CASE("check warns of a batch larger than the data, of memory, and of an activation before the loss") {
  Project project;
  CHECK(project.run({"check", "graph.toml"}).err.empty());
  CHECK_THAT(
      project.run({"check", "graph.toml", "--set", "train.batch=70"}).err,
      ContainsSubstring("warning:") && ContainsSubstring("70 images") && ContainsSubstring("60 to train on"));
  CHECK_THAT(project.run({"check", "graph.toml", "--set", "decoder.every=100"}).err,
             ContainsSubstring("\"autoencoder\" is never trained") && ContainsSubstring("the training has 16"));
  const Ended frozen = project.run({"check", "graph.toml", "--set", "decoder.tap=flatten", "--set",
                                    "classifier.layers.conv1.freeze=true"});
  CHECK_THAT(frozen.err, ContainsSubstring("warning: the loss of the decoder \"autoencoder\""));
  const Ended large =
      project.run({"check", "graph.toml", "--set", "classifier.layers.embedding.units=100000000000"});
  CAPTURE(large.err);
  CHECK_THAT(large.err, ContainsSubstring("this machine has"));
  project.replace("units = 3 }", "units = 3, activation = \"softmax\" }");
  const Ended softmax = project.run({"check", "graph.toml"});
  CHECK(softmax.code == 0);
  CHECK_THAT(softmax.err, ContainsSubstring("graph.toml:24:65: warning:") &&
                              ContainsSubstring("cross_entropy takes logits"));
  const json report = json::parse(project.run({"check", "graph.toml", "--json"}).out);
  REQUIRE(report["warnings"].size() == 1);
  CHECK(report["warnings"][0]["line"] == 24);
}

TEST_CASE("check says of each decoder what it taps, recreates and does to the classifier") {
  Project project;
  project.replace("[[decoder]]", R"([[decoder]]
name   = "second"
tap    = ["autoencoder/pixels", "flatten"]
target = "embedding"
sign   = "none"
every  = 3
loss   = [ { type = "mse" }, { type = "mae", weight = 0.5 } ]
layers = [ { name = "both", type = "concat" }, { name = "out", type = "dense", units = 8 } ]

[[decoder]])");
  const Ended table = project.run({"check", "graph.toml"});
  CAPTURE(table.out, table.err);
  CHECK_THAT(table.out, ContainsSubstring("autoencoder/pixels, flatten  embedding  mse + 0.5·mae") && ContainsSubstring("−0.5"));
  const json report = json::parse(project.run({"check", "graph.toml", "--json"}).out);
  REQUIRE(report["decoders"].size() == 2);
  CHECK(report["decoders"][0]["taps"] == json({"autoencoder/pixels", "flatten"}));
  CHECK(report["decoders"][0]["in_classifier_loss"] == 0.0);
  CHECK(report["decoders"][0]["every"] == 3);
  CHECK(report["decoders"][1]["target"] == "image");
  CHECK(report["decoders"][1]["in_classifier_loss"] == -0.5);
}

TEST_CASE("the resolved graph that check dumps checks to the same") {
  const Project project;
  const Ended first = project.run({"check", "graph.toml", "--set", "train.batch=5", "--dump", "resolved"});
  REQUIRE(first.code == 0);
  project.write("resolved.toml", first.out);
  const Ended second = project.run({"check", "resolved.toml", "--dump", "resolved"});
  CAPTURE(second.err);
  CHECK(second.code == 0);
  CHECK(second.out == first.out);
  CHECK_THAT(first.out, ContainsSubstring("batch = 5"));
}

TEST_CASE("check dumps the ops of each step, and the connected layers") {
  const Project project;
  const Ended program = project.run({"check", "graph.toml", "--dump", "program"});
  CHECK(program.code == 0);
  CHECK_THAT(program.out, ContainsSubstring("conv2d") && ContainsSubstring("adam"));
  const Ended graph = project.run({"check", "graph.toml", "--dump", "graph"});
  CHECK_THAT(graph.out, ContainsSubstring("classifier/embedding = dense(flatten) 8×8\n"));
}

TEST_CASE("plugins lists types with their files and explains one of them") {
  const Project project;
  const Ended ended = project.run({"plugins", "--json"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json report = json::parse(ended.out);
  CHECK(report["failures"].empty());
  bool found = false;
  for (const json& type : report["types"]) {
    if (type["kind"] != "layer" || type["name"] != "conv2d") continue;
    found = true;
    CHECK_THAT(type["file"].get<std::string>(), ContainsSubstring("lib/generalizer/"));
    CHECK(type["parameters"][0]["name"] == "filters");
    CHECK(type["parameters"][0]["required"] == true);
  }
  CHECK(found);
  CHECK_THAT(project.run({"plugins", "conv2d"}).out,
             ContainsSubstring("filters") && ContainsSubstring("at least 1"));
  CHECK_THAT(project.run({"plugins", "idx"}).out, ContainsSubstring("train.images"));
  const Ended backend = project.run({"plugins", "reference", "--json"});
  CHECK(json::parse(backend.out)[0]["report"]["available"] == true);
}

TEST_CASE("plugins NAME tells a layer's keys, those of every layer, its shapes and weights, and an example") {
  const Project project;
  const Ended text = project.run({"plugins", "conv2d"});
  REQUIRE(text.code == 0);
  CHECK_THAT(text.out, ContainsSubstring("filters") && ContainsSubstring("learning_rate_factor") && ContainsSubstring("layers.so"));
  CHECK_THAT(text.out, ContainsSubstring("N×1×28×28   N×32×26×26  kernel 32×1×3×3, bias 32"));
  CHECK_THAT(text.out, ContainsSubstring("{ name = \"conv2d1\", type = \"conv2d\", filters = 32, kernel = 3, activation = \"relu\" }"));
  const json report = json::parse(project.run({"plugins", "dense", "--json"}).out)[0];
  CHECK(report["shapes"][0]["input"] == json({128}));
  CHECK(report["shapes"][0]["output"] == json({64}));
  CHECK(report["shapes"][0]["weights"][0]["name"] == "kernel");
  CHECK(report["shapes"][0]["weights"][0]["shape"] == json({128, 64}));
  CHECK(report["common"][3]["name"] == "freeze");
  CHECK(report["example"] == report["shapes"][0]["example"]);
}

TEST_CASE("plugins NAME gives an example for each kind of type") {
  const Project project;
  const auto explained = [&](const std::string& name) { return project.run({"plugins", name}).out; };
  CHECK_THAT(explained("huber"), ContainsSubstring("for a decoder") && ContainsSubstring("loss = { type = \"huber\", delta = 1.0 }"));
  CHECK_THAT(explained("cross_entropy"), ContainsSubstring("for a classifier"));
  CHECK_THAT(explained("sgd"), ContainsSubstring("optimizer = { type = \"sgd\"") && ContainsSubstring("clip_norm"));
  CHECK_THAT(explained("idx"), ContainsSubstring("[data]\n  type = \"idx\"") && ContainsSubstring("label_noise"));
  CHECK_THAT(explained("reference"), ContainsSubstring("backend = \"reference\""));
}

TEST_CASE("a type that no plugin has ends with 2 and the nearest one") {
  const Project project;
  const Ended ended = project.run({"plugins", "conv2"});
  CHECK(ended.code == 2);
  CHECK_THAT(ended.err, ContainsSubstring("\"conv2\"") && ContainsSubstring("Did you mean \"conv2d\"?"));
}

TEST_CASE("a plugin of one's own is listed, and one that can't be loaded is shown with its reason") {
  const Project project;
  std::filesystem::create_directory(project.path("mine"));
  std::filesystem::copy_file(std::string(TEST_PLUGINS) + "/good.so", project.path("mine/good.so"));
  std::filesystem::copy_file(std::string(TEST_PLUGINS) + "/other_version.so", project.path("mine/old.so"));
  const Ended ended = project.run({"plugins", "--plugin-path", "mine", "--json"});
  REQUIRE(ended.code == 0);
  const json report = json::parse(ended.out);
  CHECK(report["plugins"][0]["name"] == "good");
  CHECK(report["plugins"][0]["provides"] == json({"layer pass_through"}));
  REQUIRE(report["failures"].size() == 1);
  CHECK_THAT(report["failures"][0]["reason"].get<std::string>(), ContainsSubstring("version 77"));
  CHECK_THAT(ended.err, ContainsSubstring("warning:") && ContainsSubstring("old.so"));
}

TEST_CASE("draw gives DOT, and pictures by the file's ending") {
  const Project project;
  const Ended dot = project.run({"draw", "graph.toml"});
  CAPTURE(dot.err);
  REQUIRE(dot.code == 0);
  CHECK_THAT(dot.out, Catch::Matchers::StartsWith("digraph") && ContainsSubstring("embedding"));
  CHECK(project.run({"draw", "graph.toml", "--out", "net.dot"}).code == 0);
  CHECK(project.read("net.dot") == dot.out);
  CHECK(project.run({"draw", "graph.toml", "--format", "dot"}).out == dot.out);
  CHECK_THAT(project.run({"draw", "graph.toml", "--direction", "right"}).out, ContainsSubstring("rankdir = LR"));
  CHECK_THAT(project.run({"draw", "graph.toml", "--no-legend"}).out, !ContainsSubstring("trained in"));
  CHECK(project.run({"draw", "graph.toml", "--direction", "up"}).code == 2);
  const Ended svg = project.run({"draw", "graph.toml", "--out", "net.svg"});
  if (svg.code == 0) {
    CHECK_THAT(project.read("net.svg"), ContainsSubstring("<svg"));
  } else {
    CHECK_THAT(svg.err, ContainsSubstring("apt-get install graphviz"));
  }
  CHECK(project.run({"draw", "graph.toml", "--out", "net.bmp"}).code == 2);
  CHECK(project.run({"draw", "graph.toml", "--out=-net.SVG"}).code == svg.code);
  CHECK(std::filesystem::exists(project.path("-net.SVG")) == (svg.code == 0));
  const Ended nowhere = project.run({"draw", "graph.toml", "--out", "nowhere/net.svg"});
  CHECK(nowhere.code == 1);
  CHECK_THAT(nowhere.err, ContainsSubstring("The folder nowhere"));
}

TEST_CASE("without Graphviz draw says what to install") {
  const Project project;
  ProgramOptions options;
  options.environment["PATH"] = "/nowhere";
  const Ended ended = project.run({"draw", "graph.toml", "--out", "net.svg"}, options);
  CHECK(ended.code == 1);
  CHECK_THAT(ended.err, ContainsSubstring("apt-get install graphviz") && ContainsSubstring("--format dot"));
  CHECK(project.run({"draw", "graph.toml", "--format", "dot"}, options).code == 0);
}

TEST_CASE("check compiles the steps for CUDA devices where there is none") {
  const Project project;
  const json types = json::parse(project.run({"plugins", "--json"}).out)["types"];
  const bool built = std::any_of(types.begin(), types.end(), [](const json& type) { return type["name"] == "cuda"; });
  if (!built) return generalizer::test::skip("the plugin cuda isn't built here");
  const Ended ended = project.run({"check", "graph.toml", "--backend", "cuda", "--json"});
  CAPTURE(ended.err);
  REQUIRE(ended.code == 0);
  const json backend = json::parse(ended.out)["backend"];
  REQUIRE(backend["compiled"].size() == 3);
  const std::vector<std::string> steps{"classifier step", "autoencoder step", "evaluation"};
  for (std::size_t i = 0; i < 3; ++i) {
    const json& step = backend["compiled"][i];
    CHECK(step["name"] == steps[i]);
    CHECK(step["targets"] == json({"sm_75", "sm_90", "compute_90"}));
    CHECK(step["kernels"] > 0);
    CHECK(step["launches"] >= step["kernels"]);
    CHECK(step["library_calls"] >= 3);  // a convolution and two products, forward
    CHECK(step["arena_bytes"] <= step["unshared_bytes"]);
  }
  CHECK_THAT(project.run({"check", "graph.toml", "--backend", "cuda"}).out,
             ContainsSubstring("Compiled for cuda (sm_75, sm_90, compute_90):"));
}
