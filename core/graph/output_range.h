#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/graph_spec.h"

namespace generalizer {

/// Where a player's numbers come from: the last of its layers that does more than move them, and the function that it ends with.
struct OutputFunction {
  const LayerSpec* layer = nullptr;
  std::string function;  ///< "linear", "relu", …
  SourcePosition where;  ///< of the function, or of the layer where that is a default
};

/// Nothing where the layer's type has no function, so that its numbers can't be told.
std::optional<OutputFunction> output_function(const std::vector<LayerSpec>& layers);

/// From the smallest to the largest number that something can be.
struct NumberRange {
  double low = 0.0;
  double high = 0.0;
  bool holds(const NumberRange& other) const { return low <= other.low && other.high <= high; }
};

/// What the function gives; without bounds for one that isn't bounded by round numbers.
NumberRange range_of(const std::string& function);

/// What the pixels of images can be: [0, 1], or what "normalize" makes of that.
NumberRange range_of_images(const DataSpec& data);

/// "from −0.42 to 2.82", "at least 0"
std::string to_string(const NumberRange& range);

}  // namespace generalizer
