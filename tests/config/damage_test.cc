// Whatever stands in a graph file, reading it ends in a graph or in a GraphError with a place for every mistake.

#include "catch.h"
#include "graph_text.h"
#include "support/damage.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const std::vector<std::string> kPieces = {
      "[",    "]",    "{",      "}",  "\"",           "'", "=",  ",",    ".", "\n", "$",   "${",
      "-1",   "nan",  "{}",     "[]", "[[]]",         "#", "\\", "\xFF", "é", "x",  "1e9", "type",
      "name", "true", "layers", ":1", "[[decoder]]\n"};

bool is_sound_or_refused(const std::string& text, const std::vector<Override>& overrides = {}) {
  try {
    read(text, overrides);
  } catch (const GraphError& error) {
    if (error.diagnostics().empty()) return false;
    for (const Diagnostic& mistake : error.diagnostics()) {
      if (mistake.where.file.empty() || mistake.message.empty()) return false;
    }
  }
  return true;
}

}  // namespace

TEST_CASE("a damaged graph file is read or refused, and nothing else") {
  Random random;
  for (int i = 0; i < 1500; ++i) {
    const std::string text = damaged(kGraph, kPieces, 3, random);
    INFO(text);
    REQUIRE(is_sound_or_refused(text));
  }
}

TEST_CASE("a damaged --set is taken or refused, and nothing else") {
  static const std::vector<std::string> parts = {
      "train", "decoder",   "classifier", "layers", "epochs", "0",  "autoencoder", "embedding",
      "type",  "optimizer", "backend",    ".",      ".",      ".",  "=",           "=",
      "[]",    "{}",        "3",          "x",      "\"",     "${", "\n",          " "};
  Random random;
  for (int i = 0; i < 1500; ++i) {
    std::string text;
    for (std::size_t part = 0; part < 2 + random.below(8); ++part) text += parts[random.below(parts.size())];
    INFO(text);
    REQUIRE(is_sound_or_refused(kGraph, {{text}}));
  }
}
