#include "trainer/materials.h"

#include <chrono>

#include "trainer/trainer.h"

namespace generalizer {
namespace {

std::unique_ptr<Dataset> open_timed(const GraphSpec& spec, const Registry& registry, Split split,
                                    double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  std::unique_ptr<Dataset> data = open_dataset(spec, registry, split);
  seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return data;
}

}  // namespace

Materials::Materials(const GraphSpec& spec, const Registry& registry)
    : train(open_timed(spec, registry, Split::train, data_seconds)),
      test(open_timed(spec, registry, Split::test, data_seconds)),
      network(spec, shape_of(*train), registry),
      alternation(network) {
  if (test->image_shape() != train->image_shape()) {
    throw DataError("the training images are " + train->image_shape().to_string() + " and the test images " +
                    test->image_shape().to_string() + "; one network can't take both.");
  }
  // The full batch first, so that kernels' layouts and the order of sums are the same in every run, resumed or not. A last, smaller batch has programs
  // of its own, which may not fit (batch normalisation of a single number): better known now than an epoch later.
  const std::int64_t batch = spec.train.batch;
  if (train->size() >= batch) alternation.prepare(batch);
  if (train->size() % batch != 0) alternation.prepare(train->size() % batch);
}

}  // namespace generalizer
