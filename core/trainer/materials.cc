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

/// A last, smaller batch has programs of its own, which may not fit (batch normalisation of a single number): better known now than an epoch later.
void check_last_batch(const Graph& graph, std::int64_t images) {
  const std::int64_t rest = images % graph.spec().train.batch;
  if (rest == 0) return;
  classifier_step(graph, rest);
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) decoder_step(graph, i, rest);
}

}  // namespace

Materials::Materials(const GraphSpec& spec, const Registry& registry)
    : train(open_timed(spec, registry, Split::train, data_seconds)),
      test(open_timed(spec, registry, Split::test, data_seconds)),
      network(spec, shape_of(*train), registry) {
  if (test->image_shape() != train->image_shape()) {
    throw DataError("the training images are " + train->image_shape().to_string() + " and the test images " +
                    test->image_shape().to_string() + "; one network can't take both.");
  }
  check_last_batch(network.graph(), train->size());
}

}  // namespace generalizer
