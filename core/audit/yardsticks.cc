#include "audit/yardsticks.h"

#include <cmath>

namespace generalizer {

std::vector<float> mean_image(const Representation& images, std::span<const std::int32_t> labels, std::int32_t wanted) {
  const std::size_t elements = images.elements();
  std::vector<double> sum(elements, 0.0);
  std::int64_t count = 0;
  for (std::size_t i = 0; i < images.images(); ++i) {
    if (!labels.empty() && labels[i] != wanted) continue;
    ++count;
    for (std::size_t k = 0; k < elements; ++k) sum[k] += images.values[i * elements + k];
  }
  std::vector<float> mean(elements, 0.0F);
  for (std::size_t k = 0; k < elements && count > 0; ++k) mean[k] = static_cast<float>(sum[k] / static_cast<double>(count));
  return mean;
}

std::vector<float> repeated(const std::vector<float>& image, std::size_t count) {
  std::vector<float> all;
  all.reserve(image.size() * count);
  for (std::size_t i = 0; i < count; ++i) all.insert(all.end(), image.begin(), image.end());
  return all;
}

std::vector<float> class_means(const Representation& known, std::span<const std::int32_t> known_labels, std::int64_t classes,
                               std::span<const std::int32_t> asked) {
  std::vector<std::vector<float>> means;
  for (std::int64_t label = 0; label < classes; ++label)
    means.push_back(mean_image(known, known_labels, static_cast<std::int32_t>(label)));
  std::vector<float> answers;
  answers.reserve(known.elements() * asked.size());
  for (const std::int32_t label : asked) {
    const std::vector<float>& mean = means[static_cast<std::size_t>(label)];
    answers.insert(answers.end(), mean.begin(), mean.end());
  }
  return answers;
}

std::optional<double> gap_closed(double attacked, double baseline, double class_mean) {
  const double gap = class_mean - baseline;
  if (std::abs(gap) <= 1e-3 * class_mean) return std::nullopt;
  return (attacked - baseline) / gap;
}

}  // namespace generalizer
