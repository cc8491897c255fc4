#include "graph/draw.h"

#include "catch.h"
#include "support/networks.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Matchers::Contains;

namespace {

const std::string network = R"(
[train]
batch = 8
[classifier]
loss = "cross_entropy"
layers = [
  { name = "flatten", type = "flatten" },
  { name = "code", type = "dense", units = 6 },
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

}  // namespace

TEST_CASE("a drawing shows players, weights, shapes, tap, target and the signed loss") {
  const Graph graph = graph_of(network, {{1, 4, 4}, 3});
  const std::string dot = to_dot(graph);
  CHECK_THAT(dot, Contains("subgraph \"cluster_classifier\""));
  CHECK_THAT(dot, Contains("\"classifier/code\" [label = \"code\\ndense\\n102 weights"));  // 16·6 + 6
  CHECK_THAT(dot, Contains("\"classifier/flatten\" -> \"classifier/code\" [label = \"16\"]"));
  CHECK_THAT(dot, Contains("[label = \"tap\\n6\"]"));
  CHECK_THAT(dot, Contains("[label = \"target\\n1×4×4\", style = dotted]"));
  CHECK_THAT(dot, Contains("\"−2.5 ×\""));
  CHECK(dot == to_dot(graph_of(network, {{1, 4, 4}, 3})));
}

TEST_CASE("names are escaped in a drawing") {
  GraphSpec spec = spec_of(network);
  spec.name = "my \"best\" \\N network";
  const Graph graph(std::move(spec), {{1, 4, 4}, 3}, builtin_plugins());
  CHECK_THAT(to_dot(graph), Contains("digraph \"my \\\"best\\\" \\\\N network\""));
}
