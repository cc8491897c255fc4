#include "stored_images.h"

#include <algorithm>
#include <array>

namespace generalizer {
namespace {

class StoredDataset final : public Dataset, public ExtraLabels {
 public:
  explicit StoredDataset(StoredImages images) : images_(std::move(images)) {
    for (std::size_t byte = 0; byte < scaled_.size(); ++byte) scaled_[byte] = scaled(static_cast<double>(byte));
  }

  std::int64_t size() const override { return images_.size; }
  Shape image_shape() const override { return images_.shape; }
  std::int64_t classes() const override { return images_.classes; }
  std::vector<std::string> class_names() const override { return images_.class_names; }

  void read_image(std::int64_t index, std::span<float> image) const override {
    const auto elements = static_cast<std::size_t>(images_.shape.elements());
    const std::size_t from = static_cast<std::size_t>(index) * elements;
    if (!images_.bytes.empty()) {
      for (std::size_t i = 0; i < elements; ++i) image[i] = scaled_[images_.bytes[from + i]];
    } else {
      for (std::size_t i = 0; i < elements; ++i)
        image[i] = scaled(static_cast<double>(images_.numbers[from + i]));
    }
  }
  std::int32_t label(std::int64_t index) const override {
    return images_.labels.empty() ? 0 : images_.labels[static_cast<std::size_t>(index)];
  }
  std::vector<LabelColumn> extra_labels() const override {
    std::vector<LabelColumn> columns;
    for (const StoredLabels& extra : images_.extra_labels) columns.push_back(extra.column);
    return columns;
  }
  std::int32_t extra_label(std::size_t column, std::int64_t index) const override {
    return images_.extra_labels[column].labels[static_cast<std::size_t>(index)];
  }

 private:
  /// Rounded to single precision once: of 255ths the nearest float.
  float scaled(double number) const {
    const Range& range = images_.range;
    return static_cast<float>(std::clamp((number - range.low) / (range.high - range.low), 0.0, 1.0));
  }

  StoredImages images_;
  std::array<float, 256> scaled_{};
};

}  // namespace

std::unique_ptr<Dataset> dataset_of(StoredImages images) {
  return std::make_unique<StoredDataset>(std::move(images));
}

}  // namespace generalizer
