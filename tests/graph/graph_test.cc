#include "graph/graph.h"

#include "catch.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Matchers::Contains;

namespace {

const DataShape digits{{1, 28, 28}, 10};

std::string classifier(const std::string& layers) {
  return "[train]\nbatch = 32\n[classifier]\nloss = \"cross_entropy\"\nlayers = [\n" + layers + "\n]\n";
}

const std::string published = classifier(R"(
  { name = "conv1", type = "conv2d", filters = 32, kernel = 3, activation = "relu" },
  { name = "flatten", type = "flatten" },
  { name = "embedding", type = "dense", units = 128, activation = "relu" },
  { name = "logits", type = "dense", units = 10 },)");

std::string decoder(const std::string& tap, const std::string& target = "image",
                    const std::string& last = "[1, 28, 28]", const std::string& loss = "mse") {
  return "[[decoder]]\nname = \"copy\"\ntap = \"" + tap + "\"\ntarget = \"" + target + "\"\nloss = \"" +
         loss +
         "\"\nlayers = [\n  { name = \"pixels\", type = \"dense\", units = 784 },\n"
         "  { name = \"picture\", type = \"reshape\", shape = " +
         last + " },\n]\n";
}

}  // namespace

TEST_CASE("the published network is connected and shaped") {
  const Graph graph = graph_of(published + decoder("embedding"), digits);
  const Player& player = graph.classifier();
  REQUIRE(player.layers.size() == 4);
  CHECK(player.layers[0].output == Shape{32, 32, 26, 26});
  CHECK(player.layers[1].output == Shape{32, 21632});
  CHECK(player.layers[2].output == Shape{32, 128});
  CHECK(player.layers[3].output == Shape{32, 10});
  CHECK(player.output == 3);
  CHECK(player.layers[0].inputs == std::vector<std::size_t>{GraphLayer::from_outside});
  CHECK(player.layers[3].inputs == std::vector<std::size_t>{2});
  CHECK(player.layers[0].weights == 3 * 3 * 32 + 32);
  CHECK(player.layers[2].weights == 21632 * 128 + 128);
  // a multiply-add is two operations
  CHECK(player.layers[3].flops >= 2.0 * 32 * 128 * 10);
  REQUIRE(graph.decoders().size() == 1);
  CHECK(graph.decoders()[0].layers[1].output == Shape{32, 1, 28, 28});
}

TEST_CASE("inputs make the list a graph, in an order in which it can run") {
  const Graph graph = graph_of(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "sum", type = "add", inputs = ["left", "right"] },
    { name = "left", type = "dense", units = 10, inputs = ["flatten"] },
    { name = "right", type = "dense", units = 10, inputs = ["flatten"] },
    { name = "logits", type = "dense", units = 10, inputs = ["sum"] },)"),
                               digits);
  const Player& player = graph.classifier();
  std::vector<std::string> names;
  for (const GraphLayer& layer : player.layers) names.push_back(layer.spec->name.text);
  CHECK(names == std::vector<std::string>{"flatten", "left", "right", "sum", "logits"});
  CHECK(player.layers[3].inputs == std::vector<std::size_t>{1, 2});
  CHECK(player.output == 4);
}

TEST_CASE("the player's output is the last layer of the file, wherever it runs") {
  const Graph graph = graph_of(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "b", type = "activation", function = "relu", inputs = ["a"] },
    { name = "a", type = "dense", units = 10, inputs = ["flatten"] },
    { name = "logits", type = "dense", units = 10, inputs = ["b"] },)"),
                               digits);
  CHECK(graph.classifier().layers[graph.classifier().output].spec->name.text == "logits");
}

TEST_CASE("a decoder calls its tap \"tap\" or by its layer's name") {
  const std::string text = published + R"(
[[decoder]]
name = "copy"
tap = "embedding"
target = "image"
loss = "mse"
layers = [
  { name = "a", type = "dense", units = 784, inputs = ["tap"] },
  { name = "b", type = "dense", units = 784, inputs = ["embedding"] },
  { name = "sum", type = "add", inputs = ["a", "b"] },
  { name = "picture", type = "reshape", shape = [1, 28, 28] },
]
)";
  const Graph graph = graph_of(text, digits);
  CHECK(graph.decoders()[0].layers[1].inputs == std::vector<std::size_t>{GraphLayer::from_outside});
}

TEST_CASE("an input that is no layer is refused with the nearest name") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "logits", type = "dense", units = 10, inputs = ["flaten"] },)"),
                                     digits);
  CHECK_THAT(said, Contains("test.toml:"));
  CHECK_THAT(said,
             Contains("layer \"logits\" (dense) takes its input from \"flaten\", which is no layer here"));
  CHECK_THAT(said, Contains("did you mean \"flatten\"?"));
  CHECK_THAT(said, !Contains("nothing uses"));  // which would only follow
}

TEST_CASE("a circle is refused with its layers and their lines") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "a", type = "add", inputs = ["flatten", "c"] },
    { name = "b", type = "dense", units = 784, inputs = ["a"] },
    { name = "c", type = "dense", units = 784, inputs = ["b"] },
    { name = "logits", type = "dense", units = 10, inputs = ["c"] },)"),
                                     digits);
  // The head has 6 lines; [train] is line 7, the first layer line 13.
  CHECK_THAT(said, Contains("layers take from one another in a circle: \"a\" (line 14) → \"b\" (line 15) → "
                            "\"c\" (line 16) → \"a\""));
}

TEST_CASE("a layer that takes its own output is refused") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "loop", type = "add", inputs = ["flatten", "loop"] },
    { name = "logits", type = "dense", units = 10 },)"),
                                     digits);
  CHECK_THAT(said, Contains("a layer takes its own output: \"loop\""));
}

TEST_CASE("too few and too many inputs are refused") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "sum", type = "add" },
    { name = "logits", type = "dense", units = 10, inputs = ["sum", "flatten"] },)"),
                                     digits);
  CHECK_THAT(said, Contains("layer \"sum\" (add) takes at least 2 inputs and has 1, the one before it"));
  CHECK_THAT(said, Contains("layer \"logits\" (dense) takes 1 input and has 2"));
}

TEST_CASE("a layer whose output nobody uses is refused") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "lost", type = "dense", units = 4 },
    { name = "logits", type = "dense", units = 10, inputs = ["flatten"] },)"),
                                     digits);
  CHECK_THAT(said, Contains("nothing uses the output of layer \"lost\" (dense)"));
}

TEST_CASE("a layer that doesn't fit its input is refused with both layers and both shapes") {
  const std::string said = complaint(classifier(R"(
    { name = "conv1", type = "conv2d", filters = 120, kernel = 21 },
    { name = "flat", type = "flatten" },
    { name = "folded", type = "reshape", shape = [120] },
    { name = "logits", type = "dense", units = 10 },)"),
                                     digits);
  CHECK_THAT(said, Contains("layer \"folded\" (reshape) takes 32×7680 from \"flat\" (flatten)"));
  CHECK_THAT(said, Contains("120"));
  CHECK_THAT(said, !Contains("logits"));
}

TEST_CASE("an op's own refusal is reported at the layer with both ends") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "a", type = "dense", units = 12, inputs = ["flatten"] },
    { name = "b", type = "dense", units = 13, inputs = ["flatten"] },
    { name = "sum", type = "add", inputs = ["a", "b"] },
    { name = "logits", type = "dense", units = 10 },)"),
                                     digits);
  CHECK_THAT(said,
             Contains("layer \"sum\" (add) takes 32×12 from \"a\" (dense) and 32×13 from \"b\" (dense)"));
}

TEST_CASE("outputs and classes must be as many") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "logits", type = "dense", units = 5 },)"),
                                     digits);
  CHECK_THAT(
      said,
      Contains(
          "layer \"logits\" (dense) is the classifier's output and has 5 outputs; the data has 10 classes"));
}

TEST_CASE("an output that is no row of numbers is refused") {
  const std::string said = complaint(classifier(R"(
    { name = "conv", type = "conv2d", filters = 10, kernel = 3 },)"),
                                     digits);
  CHECK_THAT(
      said,
      Contains("must be one number a class, batch × classes; layer \"conv\" (conv2d) gives 32×10×26×26"));
}

TEST_CASE("a loss against labels needs labels") {
  const std::string said = complaint(published, {{1, 28, 28}, 0});
  CHECK_THAT(said, Contains("the loss \"cross_entropy\" compares with labels, and the data has none"));
}

TEST_CASE("the classifier's loss compares with labels, a decoder's with values") {
  std::string mse = published;
  mse.replace(mse.find("cross_entropy"), 13, "mse");
  CHECK_THAT(complaint(mse, digits),
             Contains("the loss \"mse\" compares with values, and the classifier needs one that "
                      "compares with labels"));
  const std::string said =
      complaint(published + decoder("embedding", "image", "[1, 28, 28]", "cross_entropy"), digits);
  CHECK_THAT(
      said,
      Contains("the loss \"cross_entropy\" compares with labels, and the decoder \"copy\" needs one that "
               "compares with values"));
}

TEST_CASE("a tap that doesn't exist is refused with the nearest layer") {
  const std::string said = complaint(published + decoder("embeding"), digits);
  CHECK_THAT(said, Contains("the decoder \"copy\" taps \"embeding\", which is no layer of the classifier"));
  CHECK_THAT(said, Contains("did you mean \"embedding\"?"));
}

TEST_CASE("a target that doesn't exist is refused") {
  const std::string said = complaint(published + decoder("embedding", "imge"), digits);
  CHECK_THAT(said, Contains("which is neither \"image\" nor a layer of the classifier"));
  CHECK_THAT(said, Contains("did you mean \"image\"?"));
}

TEST_CASE("a decoder must give its target's shape") {
  CHECK_THAT(complaint(published + decoder("embedding", "image", "[28, 28]"), digits),
             Contains("the decoder \"copy\" ends in layer \"picture\" (reshape), which gives 28×28; its "
                      "target, the image, is 1×28×28"));
  CHECK_THAT(complaint(published + decoder("embedding", "conv1"), digits),
             Contains("its target, layer \"conv1\" (conv2d), is 32×26×26"));
}

TEST_CASE("something must train the classifier") {
  std::string encoder = published;
  encoder.replace(encoder.find("loss = \"cross_entropy\"\n"), 23, "");
  CHECK_THAT(complaint(encoder, digits), Contains("nothing trains the classifier"));
  const std::string none = decoder("logits");
  const auto with = [&](const std::string& keys) {
    std::string text = none;
    return encoder + text.insert(text.find("layers"), keys);
  };
  CHECK_THAT(complaint(with("sign = \"none\"\n"), digits), Contains("nothing trains the classifier"));
  CHECK_THAT(complaint(with("weight = 0.0\n"), digits), Contains("nothing trains the classifier"));
  CHECK(complaint(with("sign = \"positive\"\n"), digits).empty());
}

TEST_CASE("without a loss, layers after the last tap have no part in anything") {
  std::string encoder = published;
  encoder.replace(encoder.find("loss = \"cross_entropy\"\n"), 23, "");
  CHECK_THAT(complaint(encoder + decoder("embedding"), digits),
             Contains("nothing uses the output of layer \"logits\" (dense)"));
}

TEST_CASE("mistakes that don't follow from one another come at once, in the file's order") {
  const std::string said = complaint(classifier(R"(
    { name = "flatten", type = "flatten" },
    { name = "logits", type = "dense", units = 5 },)") +
                                         decoder("flatten", "image", "[28, 28]"),
                                     digits);
  const auto classes = said.find("has 5 outputs");
  const auto target = said.find("which gives 28×28");
  REQUIRE(classes != std::string::npos);
  REQUIRE(target != std::string::npos);
  CHECK(classes < target);
}

TEST_CASE("names that stand for something else are refused") {
  CHECK_THAT(complaint(classifier(R"(
    { name = "image", type = "flatten" },
    { name = "logits", type = "dense", units = 10 },)"),
                       digits),
             Contains("can't be called \"image\""));
  std::string named = decoder("embedding");
  named.replace(named.find("copy"), 4, "metrics");
  CHECK_THAT(complaint(published + named, digits), Contains("a decoder can't be called \"metrics\""));
}
