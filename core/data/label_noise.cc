#include "data/label_noise.h"

#include "data/permutation.h"
#include "generalizer/random.h"

namespace generalizer {

NoisyLabels::NoisyLabels(std::shared_ptr<const Dataset> data, double part, std::uint64_t seed)
    : DatasetView(std::move(data)), part_(part), seed_(seed) {
  if (classes() > 0) return;
  throw DataError(
      "[data] `label_noise` replaces labels, and the training images have none. Take the key out, or give the "
      "dataset labels.");
}

std::int32_t NoisyLabels::label(std::int64_t index) const {
  const auto words = Philox(seed_, stream_of("label_noise")).block(static_cast<std::uint64_t>(index));
  if (Philox::to_uniform(words[3]) >= part_) return data().label(index);
  return static_cast<std::int32_t>(scaled_below(words, static_cast<std::uint64_t>(classes())));
}

}  // namespace generalizer
