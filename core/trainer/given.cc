#include "trainer/given.h"

#include <algorithm>
#include <numeric>
#include <vector>

#include "trainer/batcher.h"

namespace generalizer {
namespace {

/// Sums of the training images by class, and their numbers.
struct ClassSums {
  std::vector<std::vector<double>> images;
  std::vector<std::int64_t> counts;
};

ClassSums sum_up(const Dataset& train) {
  const auto elements = static_cast<std::size_t>(train.image_shape().elements());
  const auto classes = static_cast<std::size_t>(std::max<std::int64_t>(train.classes(), 1));
  ClassSums sums{std::vector<std::vector<double>>(classes, std::vector<double>(elements, 0.0)),
                 std::vector<std::int64_t>(classes, 0)};
  std::vector<float> image(elements);
  for (std::int64_t i = 0; i < train.size(); ++i) {
    train.read_image(i, image);
    const std::size_t label = train.classes() == 0 ? 0 : static_cast<std::size_t>(train.label(i));
    for (std::size_t k = 0; k < elements; ++k) sums.images[label][k] += image[k];
    ++sums.counts[label];
  }
  return sums;
}

std::vector<double> mean_of(const ClassSums& sums) {
  std::vector<double> mean(sums.images.front().size(), 0.0);
  for (const std::vector<double>& of_class : sums.images) {
    for (std::size_t k = 0; k < mean.size(); ++k) mean[k] += of_class[k];
  }
  const auto count = static_cast<double>(std::accumulate(sums.counts.begin(), sums.counts.end(), std::int64_t{0}));
  for (double& value : mean) value /= count;
  return mean;
}

/// K×(C·H·W). A class without an image has the mean of all: no image asks for it.
std::vector<double> class_means_of(const ClassSums& sums) {
  const std::vector<double> all = mean_of(sums);
  std::vector<double> means;
  for (std::size_t c = 0; c < sums.images.size(); ++c) {
    for (std::size_t k = 0; k < all.size(); ++k)
      means.push_back(sums.counts[c] == 0 ? all[k] : sums.images[c][k] / static_cast<double>(sums.counts[c]));
  }
  return means;
}

double read_loss(Executable& step, DType floating) {
  const std::size_t index = *step.program().find_output("loss");
  if (floating == DType::f64) {
    double loss = 0.0;
    step.get_output(index, std::as_writable_bytes(std::span(&loss, 1)));
    return loss;
  }
  float loss = 0.0F;
  step.get_output(index, std::as_writable_bytes(std::span(&loss, 1)));
  return loss;
}

/// The mean over all images of what answering the mean image costs the decoder.
double loss_of_mean_image(Network& network, std::size_t decoder, const Dataset& train) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(train.size()));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  Batcher batcher(train, network.session(), network.floating(), std::min(kGivenBatch, train.size()), std::move(order), 0, 0,
                  network.graph().spec().data.prefetch);
  std::map<std::int64_t, std::unique_ptr<Executable>> steps;
  double sum = 0.0;
  for (Batch batch = batcher.next(); batch.count > 0; batch = batcher.next()) {
    std::unique_ptr<Executable>& step = steps[batch.count];
    if (!step) step = network.session().compile(mean_image_loss(network.graph(), decoder, batch.count).program);
    set_batch(*step, batch.images, batch.labels);
    step->run();
    sum += static_cast<double>(batch.count) * read_loss(*step, network.floating());
  }
  return sum / static_cast<double>(train.size());
}

}  // namespace

void give_mean_images(Network& network, const Dataset& train) {
  const auto wanted = [&](const std::string& variable) { return network.session().variables().contains(variable); };
  if (wanted("mean_image") || wanted("class_means")) {
    const ClassSums sums = sum_up(train);
    if (wanted("mean_image")) network.set_values("mean_image", mean_of(sums));
    if (wanted("class_means")) network.set_values("class_means", class_means_of(sums));
  }
  const std::vector<DecoderSpec>& decoders = network.graph().spec().decoders;
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    const std::string ceiling = decoders[i].name.text + "/ceiling";
    if (wanted(ceiling)) network.set_scalar(ceiling, loss_of_mean_image(network, i, train));
  }
}

}  // namespace generalizer
