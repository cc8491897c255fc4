#include "trainer/gallery.h"

#include <algorithm>

#include "data/normalization.h"
#include "trainer/picture.h"

namespace generalizer {
namespace {

bool drawable(const Shape& shape) { return shape.rank() == 3 && (shape[0] == 1 || shape[0] == 3); }

}  // namespace

std::int64_t images_drawn(const Dataset& data, std::int64_t count) {
  return drawable(data.image_shape()) ? std::min(count, data.size()) : 0;
}

Gallery::Gallery(Network& network, const Dataset& data, std::int64_t count)
    : network_(network),
      shape_(data.image_shape()),
      count_(images_drawn(data, count)) {
  const auto elements = static_cast<std::size_t>(shape_.elements());
  images_.resize(static_cast<std::size_t>(count_) * elements);
  for (std::int64_t i = 0; i < count_; ++i) {
    data.read_image(i, std::span(images_).subspan(static_cast<std::size_t>(i) * elements, elements));
  }
}

void Gallery::undo_normalization(PictureRow& row) const {
  const Normalization normalization = normalization_of(network_.graph().spec().data, shape_);
  for (std::vector<float>& image : row.images) normalization.undo(image, shape_[1] * shape_[2]);
}

void Gallery::write(const std::filesystem::path& path) {
  if (count_ == 0) return;
  if (!predictor_) predictor_ = std::make_unique<Predictor>(network_, count_);
  const std::vector<Prediction> answers = predictor_->run(images_);

  std::vector<PictureRow> rows{{shape_, {}}};
  const auto elements = static_cast<std::ptrdiff_t>(shape_.elements());
  for (std::int64_t i = 0; i < count_; ++i) {
    const auto from = images_.begin() + static_cast<std::ptrdiff_t>(i) * elements;
    rows[0].images.emplace_back(from, from + elements);
  }
  const std::vector<DecoderSpec>& specs = network_.graph().spec().decoders;
  for (std::size_t i = 0; i < specs.size(); ++i) {
    const Player& decoder = network_.graph().decoders()[i];
    const Shape& batched = decoder.layers[decoder.output].output;
    PictureRow row{Shape(std::vector<std::int64_t>(batched.begin() + 1, batched.end())), {}};
    if (!drawable(row.shape)) continue;
    for (const Prediction& answer : answers) row.images.push_back(answer.decoder_outputs.at(decoder.name));
    // Images are shown as they are in their files; a layer that is recreated was never normalised.
    if (specs[i].target.text == "image") undo_normalization(row);
    rows.push_back(std::move(row));
  }
  undo_normalization(rows[0]);
  write_picture_grid(path, rows);
}

}  // namespace generalizer
