#include "data/augmented.h"

namespace generalizer {

Augmented::Augmented(std::shared_ptr<const Dataset> data, const std::vector<TypedSpec>& augment,
                     std::uint64_t seed)
    : DatasetView(std::move(data)), seed_(seed) {
  for (const TypedSpec& entry : augment) steps_.push_back(make_augmentation(entry, image_shape()));
}

void Augmented::read_image(std::int64_t index, std::span<float> image) const {
  data().read_image(index, image);
  for (const auto& step : steps_) {
    if (!step->random()) step->apply(image, {}, Philox(0, 0));
  }
}

void Augmented::read_augmented(std::int64_t index, std::int64_t epoch, std::span<float> image) const {
  thread_local std::vector<float> scratch;  // kept, so that reading takes no memory
  scratch.resize(image.size());
  data().read_image(index, image);
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const std::uint64_t entry = mix_streams(stream_of("augment"), i);
    const std::uint64_t stream =
        mix_streams(mix_streams(entry, static_cast<std::uint64_t>(epoch)), static_cast<std::uint64_t>(index));
    steps_[i]->apply(image, scratch, Philox(seed_, stream));
  }
}

void read_image_of_epoch(const Dataset& data, std::int64_t index, std::int64_t epoch, std::span<float> image) {
  const auto* augmented = epoch > 0 ? dynamic_cast<const Augmented*>(&data) : nullptr;
  if (augmented != nullptr) return augmented->read_augmented(index, epoch, image);
  data.read_image(index, image);
}

}  // namespace generalizer
