#include "graph_text.h"

#include <algorithm>

#include "catch.h"
#include "registry.h"

using namespace generalizer;

const std::string kGraph = R"(name = "small"
backend = "onednn"

[data]
type = "idx"
root = "/data"

[train]
epochs = 5

[classifier]
loss = "cross_entropy"
optimizer = { type = "adam", learning_rate = 0.01 }
layers = [
  { name = "conv1", type = "conv2d", filters = 32, kernel = 3, activation = "relu" },
  { type = "flatten" },
  { name = "embedding", type = "dense", units = 128 },
  { name = "logits", type = "dense", units = 10 },
]

[[decoder]]
name = "autoencoder"
tap = "embedding"
weight = 2
layers = [
  { name = "pixels", type = "dense", units = 784 },
  { name = "image", type = "reshape", shape = [1, 28, 28] },
]
)";

namespace {

/// Checks a mistake's place in the text that its position points into.
void check_place(const Diagnostic& mistake, const std::string& file, const std::string& text,
                 const std::string& at) {
  const std::size_t byte = text.find(at);
  REQUIRE(byte != std::string::npos);
  const std::size_t begin = byte == 0 ? 0 : text.rfind('\n', byte - 1) + 1;  // npos + 1 is 0: the first line
  CHECK(mistake.where.file == file);
  CHECK(mistake.where.line ==
        1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(byte), '\n'));
  CHECK(mistake.where.column == static_cast<int>(byte - begin) + 1);
  CHECK(mistake.where.text == text.substr(begin, text.find('\n', byte) - begin));
}

void check_words(const Diagnostic& mistake, const std::string& message, const std::string& hint) {
  CHECK(mistake.message == message);
  INFO("hint: " << mistake.hint);
  CHECK(mistake.hint.find(hint) != std::string::npos);
}

}  // namespace

std::string with(const std::string& text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  INFO("looking for " << from);
  REQUIRE(at != std::string::npos);
  REQUIRE(text.find(from, at + 1) == std::string::npos);
  return text.substr(0, at) + to + text.substr(at + from.size());
}

GraphSpec read(const std::string& text, const std::vector<Override>& overrides) {
  return parse_graph(text, "graph.toml", "/work", *make_registry(), overrides);
}

std::vector<Diagnostic> mistakes(const std::string& text, const std::vector<Override>& overrides) {
  try {
    read(text, overrides);
  } catch (const GraphError& error) {
    return error.diagnostics();
  }
  FAIL("the text was accepted");
  return {};
}

void check_mistake(const std::string& text, const std::string& at, const std::string& message,
                   const std::string& hint) {
  const std::vector<Diagnostic> found = mistakes(text);
  INFO(render(found));
  REQUIRE(found.size() == 1);
  check_words(found[0], message, hint);
  check_place(found[0], "graph.toml", text, at);
}

void check_override_mistake(const std::string& set, const std::string& at, const std::string& message,
                            const std::string& hint) {
  const std::vector<Diagnostic> found = mistakes(kGraph, {{set}});
  INFO(render(found));
  REQUIRE(found.size() == 1);
  check_words(found[0], message, hint);
  check_place(found[0], "--set " + set, set, at);
}
