#include "generalizer/dataset.h"

#include "data/splits.h"
#include "trainer/trainer.h"

namespace generalizer {

std::unique_ptr<Dataset> open_dataset(const GraphSpec& spec, const Registry& registry, Split split) {
  return split == Split::test ? open_test_split(spec, registry)
                              : std::move(open_training_splits(spec, registry).train);
}

DataShape shape_of(const Dataset& data) { return {data.image_shape(), data.classes()}; }

double mean_image_mse(const Dataset& known, const Dataset& over) {
  const auto elements = static_cast<std::size_t>(known.image_shape().elements());
  std::vector<float> image(elements);
  std::vector<double> mean(elements, 0.0);
  for (std::int64_t i = 0; i < known.size(); ++i) {
    known.read_image(i, image);
    for (std::size_t k = 0; k < elements; ++k) mean[k] += image[k];
  }
  for (double& value : mean) value /= static_cast<double>(known.size());

  double sum = 0;
  for (std::int64_t i = 0; i < over.size(); ++i) {
    over.read_image(i, image);
    for (std::size_t k = 0; k < elements; ++k) sum += (image[k] - mean[k]) * (image[k] - mean[k]);
  }
  return sum / static_cast<double>(over.size()) / static_cast<double>(elements);
}

}  // namespace generalizer
