#include "graph/draw.h"

#include "catch.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Matchers::Contains;

namespace {

const std::string head = "[train]\nbatch = 8\n";

const std::string network = head + R"(
[classifier]
loss = "cross_entropy"
layers = [
  { name = "flatten", type = "flatten" },
  { name = "code", type = "dense", units = 6, activation = "relu" },
  { name = "logits", type = "dense", units = 3 },
]
[[decoder]]
name = "copy"
tap = "code"
target = "image"
loss = "mse"
sign = "negative"
weight = 2.5
layers = [ { name = "pixels", type = "dense", units = 16 }, { name = "picture", type = "reshape", shape = [1, 4, 4] } ]
)";

/// Two taps, a decoder on a decoder, a layer as target, a sum of losses, a frozen layer and a block.
const std::string wide = head + R"(
[blocks.twice]
layers = [ { name = "one", type = "dense", units = 6 }, { name = "two", type = "dense", units = 6 } ]
[classifier]
loss = { type = "cross_entropy", weight = 0.5 }
layers = [
  { name = "flat", type = "flatten" },
  { name = "early", type = "dense", units = 6, freeze = true },
  { name = "late", type = "twice", inputs = ["early"] },
  { name = "logits", type = "dense", units = 3, l2 = 1e-3 },
]
[[decoder]]
name = "first"
tap = "late"
sign = "none"
every = 4
loss = [ { type = "mse" }, { type = "mae", weight = 0.25 } ]
layers = [ { name = "pixels", type = "dense", units = 16 }, { name = "image", type = "reshape", shape = [1, 4, 4] } ]
[[decoder]]
name = "second"
tap = ["first/pixels", "early"]
target = "early"
sign = "positive"
layers = [ { name = "both", type = "concat" }, { name = "out", type = "dense", units = 6 } ]
)";

std::string drawn(const std::string& text, const DrawOptions& options = {}) {
  return to_dot(graph_of(text, {{1, 4, 4}, 3}), options);
}

std::size_t count(const std::string& text, const std::string& piece) {
  std::size_t n = 0;
  for (std::size_t at = text.find(piece); at != std::string::npos; at = text.find(piece, at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("a drawing shows players, weights, shapes, tap, target and the signed loss") {
  const std::string dot = drawn(network);
  CHECK_THAT(dot, Contains("subgraph \"cluster_classifier\"") && Contains("subgraph \"cluster_copy\""));
  // 16·6 + 6
  CHECK_THAT(dot, Contains("\"classifier/code\" [label = <<b>code</b><br/>") &&
                      Contains("dense · relu<br/>102 weights"));
  CHECK_THAT(dot, Contains("\"classifier/flatten\" -> \"classifier/code\" [label = \" 16 \"]"));
  CHECK_THAT(dot, Contains("\"classifier/code\" -> \"copy/pixels\" [label = \" tap 6 \"]"));
  CHECK_THAT(dot, Contains("\"copy target\" -> \"copy loss\" [label = \" target \", style = dotted]"));
  CHECK_THAT(
      dot,
      Contains("\"copy loss\" -> \"total\" [label = \" −2.5·mse \", style = dashed, color = \"#b03030\""));
  CHECK_THAT(dot, Contains("cross_entropy − 2.5·mse(copy)"));
  CHECK(dot == drawn(network));
}

TEST_CASE(
    "the gradient of a negated loss comes back from the decoder into the tapped layer, dashed and red") {
  CHECK_THAT(
      drawn(network),
      Contains(
          "\"copy/pixels\" -> \"classifier/code\" [label = \" ∇ \", style = dashed, color = \"#b03030\""));
}

TEST_CASE(
    "layers have the colour of the step that trains them, frozen ones are grey, and those without weights "
    "white") {
  const std::string dot = drawn(wide);
  const auto fill_of = [&](const std::string& node) {
    const std::size_t at = dot.find("\"" + node + "\" [label");
    const std::string key = "fillcolor = \"";
    const std::size_t from = dot.find(key, at) + key.size();
    return dot.substr(from, dot.find('"', from) - from);
  };
  CHECK(fill_of("classifier/logits") == "#dbe9f6");
  CHECK(fill_of("classifier/early") == "#dddddd");
  CHECK(fill_of("classifier/flat") == "white");
  CHECK(fill_of("first/pixels") != fill_of("second/out"));
  CHECK(fill_of("first/pixels") != fill_of("classifier/logits"));
}

TEST_CASE("a decoder on a decoder, several taps, a layer as target and a sum of losses are drawn") {
  const std::string dot = drawn(wide);
  CHECK_THAT(dot, Contains("\"first/pixels\" -> \"second/both\" [label = \" tap 16 \"]"));
  CHECK_THAT(dot, Contains("\"classifier/early\" -> \"second/both\" [label = \" tap 6 \"]"));
  CHECK_THAT(dot, Contains("\"classifier/early\" -> \"second loss\" [label = \" target 6 \", style = dotted, "
                           "constraint = false]"));
  CHECK_THAT(dot, Contains("<b>mse + 0.25·mae</b>"));
  CHECK_THAT(dot, Contains("<b>0.5·cross_entropy + mse(second) + penalties</b>"));
  CHECK(count(dot, "∇") == 2);  // back into both of second's taps, and from no observer
  CHECK_THAT(dot, !Contains("\"first loss\" -> \"total\""));
}

TEST_CASE("a block's layers lie in a frame of their own, or are one box") {
  const std::string open = drawn(wide);
  CHECK_THAT(open, Contains("subgraph \"cluster_classifier/late\"") &&
                       Contains("\"classifier/late/one\" [label = <<b>one</b>"));
  DrawOptions options;
  options.fold_blocks = true;
  const std::string folded = drawn(wide, options);
  CHECK_THAT(folded, Contains("\"classifier/late\" [label = <<b>late</b>") &&
                         Contains("block of 2 layers<br/>84 weights"));
  CHECK_THAT(folded, !Contains("late/one"));
  CHECK(count(folded, "\"classifier/early\" -> \"classifier/late\"") == 1);
  CHECK_THAT(folded, Contains("\"classifier/late\" -> \"first/pixels\" [label = \" tap 6 \"]"));
}

TEST_CASE("the legend says which step trains what and when; it can be left out, and the drawing turned") {
  const std::string dot = drawn(wide);
  CHECK_THAT(dot,
             Contains("trained in the classifier's step, by 0.5·cross_entropy + mse(second) + penalties"));
  CHECK_THAT(dot,
             Contains("trained in first's step, after every 4 steps of the classifier, by mse + 0.25·mae"));
  CHECK_THAT(dot,
             Contains("frozen") && Contains("the classifier helps") && !Contains("the classifier unlearns"));
  DrawOptions options;
  options.legend = false;
  options.left_to_right = true;
  const std::string bare = drawn(wide, options);
  CHECK_THAT(bare, !Contains("trained in") && Contains("rankdir = LR"));
}

TEST_CASE("an encoder minimises its decoders' losses alone") {
  std::string encoder = network;
  encoder.replace(encoder.find("loss = \"cross_entropy\""), std::string("loss = \"cross_entropy\"").size(),
                  "");
  encoder.replace(encoder.find("\"negative\""), std::string("\"negative\"").size(), "\"positive\"");
  encoder.replace(encoder.find("  { name = \"logits\", type = \"dense\", units = 3 },\n"), 50, "");
  CHECK_THAT(drawn(encoder), Contains("<b>2.5·mse(copy)</b>"));
}

TEST_CASE("names are escaped in a drawing") {
  GraphSpec spec = spec_of(network);
  spec.name = "my \"best\" \\N <network> & more";
  const Graph graph(std::move(spec), {{1, 4, 4}, 3}, builtin_plugins());
  CHECK_THAT(to_dot(graph), Contains("digraph \"my \\\"best\\\" \\\\N <network> & more\"") &&
                                Contains("my &quot;best&quot; \\N &lt;network&gt; &amp; more"));
}
