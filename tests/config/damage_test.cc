// Whatever stands in a graph file, reading it ends in a graph or in a GraphError with a place for every mistake.

#include <cstdint>

#include "catch.h"
#include "graph_text.h"

using namespace generalizer;

namespace {

/// Small numbers, the same on every machine (Knuth's MMIX generator).
class Random {
 public:
  std::size_t below(std::size_t bound) {
    state_ = state_ * 6364136223846793005U + 1442695040888963407U;
    return static_cast<std::size_t>(state_ >> 33) % bound;
  }

 private:
  std::uint64_t state_ = 1;
};

std::string damaged(Random& random) {
  static const std::vector<std::string> pieces = {
      "[",    "]",    "{",      "}",  "\"",           "'", "=",  ",",    ".", "\n", "$",   "${",
      "-1",   "nan",  "{}",     "[]", "[[]]",         "#", "\\", "\xFF", "é", "x",  "1e9", "type",
      "name", "true", "layers", ":1", "[[decoder]]\n"};
  std::string text = kGraph;
  for (std::size_t change = 0; change <= random.below(3); ++change) {
    const std::size_t at = random.below(text.size());
    switch (random.below(3)) {
      case 0:
        text.erase(at, 1 + random.below(12));
        break;
      case 1:
        text.insert(at, pieces[random.below(pieces.size())]);
        break;
      default:
        text.replace(at, 1 + random.below(6), pieces[random.below(pieces.size())]);
    }
  }
  return text;
}

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
    const std::string text = damaged(random);
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
