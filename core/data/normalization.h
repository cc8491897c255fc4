#pragma once

#include <span>
#include <vector>

#include "config/graph_spec.h"
#include "generalizer/shape.h"

namespace generalizer {

/// (x − mean) / deviation, channel by channel: what all "normalize" entries of a graph's augmentations make of an image together. Networks see
/// normalized images; to show one, or what a decoder made of one, undo it.
struct Normalization {
  std::vector<float> mean;       ///< one a channel; empty: nothing is changed
  std::vector<float> deviation;  ///< likewise, above 0

  bool empty() const { return mean.empty(); }
  /// `image` is C×H×W or several of them in a row, C being the number of channels.
  void apply(std::span<float> image, std::int64_t pixels) const;
  /// Back to [0, 1] for display.
  void undo(std::span<float> image, std::int64_t pixels) const;
  /// This one and then `next`, as one.
  Normalization then(const Normalization& next) const;
};

/// What one "normalize" entry says, for images of so many channels. Throws `GraphError` at a list whose length fits neither one number nor one a
/// channel, and at a deviation that is not above 0.
Normalization read_normalization(const TypedSpec& entry, std::int64_t channels);

/// All of a graph's together. `image` is C×H×W.
Normalization normalization_of(const DataSpec& data, const Shape& image);

}  // namespace generalizer
