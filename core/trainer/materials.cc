#include "trainer/materials.h"

#include <chrono>

#include "trainer/memory_check.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

Splits open_timed(const GraphSpec& spec, const Registry& registry, double& seconds) {
  const auto start = std::chrono::steady_clock::now();
  Splits data = open_splits(spec, registry);
  seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return data;
}

}  // namespace

Materials::Materials(const GraphSpec& spec, const Registry& registry)
    : data(open_timed(spec, registry, data_seconds)),
      network(spec, shape_of(*data.train), registry),
      alternation(network) {
  if (data.test->image_shape() != data.train->image_shape()) {
    throw DataError("the training images are " + data.train->image_shape().to_string() + " and the test images " +
                    data.test->image_shape().to_string() + "; one network can't take both.");
  }
  check_memory(network, data);
  // The full batch first, so that kernels' layouts and the order of sums are the same in every run, resumed or not. A last, smaller batch has programs
  // of its own, which may not fit (batch normalisation of a single number): better known now than an epoch later.
  const std::int64_t batch = spec.train.batch;
  if (data.train->size() >= batch) alternation.prepare(batch);
  if (data.train->size() % batch != 0) alternation.prepare(data.train->size() % batch);
}

}  // namespace generalizer
