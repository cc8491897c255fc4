#pragma once

#include <string>
#include <vector>

namespace generalizer {

/// What other libraries' word for a key or a type is called here, when `candidates` hold it: "lr" → "learning_rate",
/// "Conv2D" → "conv2d", "out_features" → "units". Case, "nn." and "tf.keras.layers." don't count. "" when the word is nobody's.
std::string alias_of(const std::string& word, const std::vector<std::string>& candidates);

/// What to write instead of a layer type that is a function here ("ReLU", "softmax"); "" for any other.
std::string function_advice(const std::string& layer_type);

}  // namespace generalizer
