#include "stored_images.h"

#include <array>

namespace generalizer {
namespace {

class StoredDataset final : public Dataset {
 public:
  explicit StoredDataset(StoredImages images) : images_(std::move(images)) {
    // Each product rounded to single precision once: for 1/255 the nearest float of every byte's 255th.
    for (std::size_t byte = 0; byte < scaled_.size(); ++byte)
      scaled_[byte] = static_cast<float>(images_.scale == 1.0 / 255.0 ? static_cast<double>(byte) / 255.0
                                                                      : static_cast<double>(byte) * images_.scale);
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
        image[i] = static_cast<float>(static_cast<double>(images_.numbers[from + i]) * images_.scale);
    }
  }
  std::int32_t label(std::int64_t index) const override {
    return images_.labels.empty() ? 0 : images_.labels[static_cast<std::size_t>(index)];
  }

 private:
  StoredImages images_;
  std::array<float, 256> scaled_{};
};

}  // namespace

std::unique_ptr<Dataset> dataset_of(StoredImages images) {
  return std::make_unique<StoredDataset>(std::move(images));
}

}  // namespace generalizer
