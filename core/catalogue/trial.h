#pragma once

#include <string>
#include <vector>

#include "generalizer/registry.h"

namespace generalizer {

/// What an image network has between its layers, to see what a layer makes of it.
struct TypicalInput {
  std::string what;  ///< "images", "vectors", "tokens"
  Shape shape;       ///< without the batch
};
/// Images of one channel and of several, vectors, tokens.
const std::vector<TypicalInput>& typical_inputs();

/// A weight or statistic that a layer asked for.
struct TrialWeight {
  std::string name;  ///< "kernel"
  Shape shape;
  bool trained = true;  ///< otherwise a statistic
};

/// What a layer made of a typical input with the parameters of its example.
struct LayerTrial {
  TypicalInput input;
  std::size_t inputs = 1;  ///< how many of that shape it was given
  Shape output;            ///< without the batch
  std::vector<TrialWeight> weights;
  std::string example;  ///< the layer in TOML; its inputs, where it takes several, are called "a", "b", …
};

/// Builds the layer on each typical input and keeps what it takes; empty for a layer that takes none of them with its example's parameters.
std::vector<LayerTrial> try_layer(const LayerType& type);

}  // namespace generalizer
