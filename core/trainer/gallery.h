#pragma once

#include <filesystem>

#include "trainer/network.h"
#include "trainer/picture.h"

namespace generalizer {

/// How many of `count` images a gallery of this data shows: none where they are no pictures.
std::int64_t images_drawn(const Dataset& data, std::int64_t count);

/// The picture of an epoch: the first images of a dataset over each decoder's recreations of them.
class Gallery {
 public:
  /// `count` images, fewer when the dataset has fewer. Nothing is drawn for images that are neither grey nor RGB.
  Gallery(Network& network, const Dataset& data, std::int64_t count);
  void write(const std::filesystem::path& path);

 private:
  void undo_normalization(PictureRow& row) const;

  Network& network_;
  Shape shape_;
  std::int64_t count_;
  std::vector<float> images_;  ///< count×C×H×W
  std::unique_ptr<Predictor> predictor_;
};

}  // namespace generalizer
