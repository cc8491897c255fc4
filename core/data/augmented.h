#pragma once

#include <memory>
#include <vector>

#include "data/augmentation.h"
#include "data/subset.h"

namespace generalizer {

/// A dataset whose images are changed as [data] `augment` says. Safe to read from several threads.
///
/// `read_image` gives what networks are evaluated on: only what is done to every image (normalize). `read_augmented` gives what they are trained
/// on: everything, in the graph's order, a pure function of (seed, entry, epoch, index), so that a resumed run sees the same images.
class Augmented final : public DatasetView {
 public:
  /// Throws `GraphError` when an entry doesn't fit the images.
  Augmented(std::shared_ptr<const Dataset> data, const std::vector<TypedSpec>& augment, std::uint64_t seed);

  void read_image(std::int64_t index, std::span<float> image) const override;
  /// `epoch` counts from 1.
  void read_augmented(std::int64_t index, std::int64_t epoch, std::span<float> image) const;

 private:
  std::uint64_t seed_;
  std::vector<std::unique_ptr<Augmentation>> steps_;
};

/// Image `index` as it is in an epoch (from 1) of training; epoch 0, and a dataset without augmentations, give the image itself.
void read_image_of_epoch(const Dataset& data, std::int64_t index, std::int64_t epoch, std::span<float> image);

}  // namespace generalizer
