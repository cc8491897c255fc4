#pragma once

#include <string>

#include "machine.h"

namespace generalizer::test {

inline const DataShape toy_data{{1, 6, 6}, 3};
constexpr std::int64_t toy_batch_size = 5;

inline ToyBatch toy_batch(std::uint64_t seed, std::int64_t images = toy_batch_size) {
  return toy_batch({images, 1, 6, 6}, toy_data.classes, seed);
}

/// How one decoder's loss enters: `sign = "negative"`, and its weight.
struct Term {
  std::string sign = "negative";
  double weight = 1.0;
};

/// A small network with everything that has state: batch statistics and random numbers in the shared part and in a decoder; two decoders on two taps.
struct Toy {
  Term near{"negative", 1.5};
  Term far{"positive", 0.5};
  std::string optimizer = "{ type = \"adam\", learning_rate = 0.01 }";
  std::string train;  ///< more lines of [train]
  bool loss = true;

  std::string text() const {
    return "[train]\nbatch = 5\n" + train + "\n[classifier]\n" + (loss ? "loss = \"cross_entropy\"\n" : "") +
           "optimizer = " + optimizer + R"(
layers = [
  { name = "conv", type = "conv2d", filters = 2, kernel = 3, bias = false },
  { name = "norm", type = "batch_norm" },
  { name = "curve", type = "activation", function = "tanh" },
  { name = "flat", type = "flatten" },
  { name = "drop", type = "dropout", rate = 0.25 },
  { name = "code", type = "dense", units = 4, activation = "tanh" },
  { name = "logits", type = "dense", units = 3 },
]
)" + decoder("near", "code", near, R"(
  { name = "wide", type = "dense", units = 8, bias = false },
  { name = "norm", type = "batch_norm" },
  { name = "drop", type = "dropout", rate = 0.25 },
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },)") +
           decoder("far", "flat", far, R"(
  { name = "pixels", type = "dense", units = 36, activation = "sigmoid" },
  { name = "picture", type = "reshape", shape = [1, 6, 6] },)");
  }

  Graph graph() const { return graph_of(text(), toy_data); }

 private:
  std::string decoder(const std::string& name, const std::string& tap, const Term& term,
                      const std::string& layers) const {
    return "[[decoder]]\nname = \"" + name + "\"\ntap = \"" + tap +
           "\"\ntarget = \"image\"\nloss = \"mse\"\nsign = \"" + term.sign +
           "\"\nweight = " + std::to_string(term.weight) + "\noptimizer = " + optimizer + "\nlayers = [" +
           layers + "\n]\n";
  }
};

}  // namespace generalizer::test
