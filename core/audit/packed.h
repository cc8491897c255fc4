#pragma once

#include <memory>
#include <vector>

#include "audit/representation.h"
#include "data/normalization.h"

namespace generalizer {

/// Images as an attack sees them: each a row of the representation's numbers and behind them the pixels to be recreated, in [0, 1]. What the graph
/// does to every image (normalize) is undone, so that all figures are of the same scale.
class PackedImages final : public Dataset {
 public:
  /// `representation` of the images of `data`, in its order.
  PackedImages(std::shared_ptr<const Representation> representation, std::shared_ptr<const Dataset> data, Normalization normalization)
      : representation_(std::move(representation)), data_(std::move(data)), normalization_(std::move(normalization)) {}

  std::int64_t size() const override { return data_->size(); }
  Shape image_shape() const override {
    return {1, 1, representation_->shape.elements() + data_->image_shape().elements()};
  }
  std::int64_t classes() const override { return 0; }
  void read_image(std::int64_t index, std::span<float> row) const override;
  std::int32_t label(std::int64_t) const override { return 0; }

 private:
  std::shared_ptr<const Representation> representation_;
  std::shared_ptr<const Dataset> data_;
  Normalization normalization_;
};

/// A representation and a label for each: what a probe is trained on.
class LabelledRows final : public Dataset {
 public:
  LabelledRows(std::shared_ptr<const Representation> rows, std::vector<std::int32_t> labels, std::int64_t classes)
      : rows_(std::move(rows)), labels_(std::move(labels)), classes_(classes) {}

  std::int64_t size() const override { return static_cast<std::int64_t>(labels_.size()); }
  Shape image_shape() const override { return {1, 1, rows_->shape.elements()}; }
  std::int64_t classes() const override { return classes_; }
  void read_image(std::int64_t index, std::span<float> row) const override;
  std::int32_t label(std::int64_t index) const override { return labels_[static_cast<std::size_t>(index)]; }

 private:
  std::shared_ptr<const Representation> rows_;
  std::vector<std::int32_t> labels_;
  std::int64_t classes_;
};

/// All images of a dataset in [0, 1], one after another, with what the graph does to every image undone.
Representation pixels_of(const Dataset& data, const Normalization& normalization);

}  // namespace generalizer
