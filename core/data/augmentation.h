#pragma once

#include <memory>
#include <span>

#include "config/graph_spec.h"
#include "generalizer/random.h"
#include "generalizer/shape.h"

namespace generalizer {

/// One change of an image, a pure function of the image and a stream of random numbers.
class Augmentation {
 public:
  virtual ~Augmentation() = default;
  /// Changes `image`, C×H×W; `scratch` has room for as many numbers.
  virtual void apply(std::span<float> image, std::span<float> scratch, const Philox& random) const = 0;
  /// False for one that does the same with every image, and is done with validation and test images, too.
  virtual bool random() const { return true; }
};

/// Makes an entry of [data] `augment` for images C×H×W: flip, shift, crop, rotation, cutout or normalize. What comes in from outside an
/// image is 0. Throws `GraphError` when it doesn't fit the images.
std::unique_ptr<Augmentation> make_augmentation(const TypedSpec& entry, const Shape& image);

}  // namespace generalizer
