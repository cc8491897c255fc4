#include "trainer/measurement.h"

#include <cmath>

#include "trainer/epoch_sums.h"

namespace generalizer {

void Measurement::fill(EpochMetrics& metrics) {
  metrics.train = train_means(network_);
  const Evaluator::Result tested = evaluator_.run(*data_.test);
  metrics.test = tested.classifier;
  Evaluator::Result validated;
  if (data_.validation) validated = evaluator_.run(*data_.validation);
  metrics.validation = validated.classifier;
  for (const DecoderSpec& decoder : network_.graph().spec().decoders) {
    const std::string& name = decoder.name.text;
    DecoderMetrics& m = metrics.decoders[name];
    m.train_loss = decoder_train_mean(network_, name);
    if (validated.decoder_losses.contains(name)) m.validation_loss = validated.decoder_losses.at(name);
    if (tested.decoder_losses.contains(name)) m.test_loss = tested.decoder_losses.at(name);
    m.mean_image_loss = mean_image_loss(decoder);
    m.never_trained = never_trained(network_, decoder, metrics.step);
  }
}

std::optional<double> Measurement::mean_image_loss(const DecoderSpec& decoder) {
  if (!compares_with_mean_image(decoder)) return std::nullopt;
  if (!mean_image_mse_) mean_image_mse_ = mean_image_mse(*data_.train, *data_.test);
  return mean_image_mse_;
}

bool compares_with_mean_image(const DecoderSpec& decoder) {
  const TypedSpec* loss = decoder.loss.single();
  return decoder.target.text == "image" && loss != nullptr && loss->type.text == "mse";
}

bool never_trained(const Network& network, const DecoderSpec& decoder, std::int64_t step) {
  // The decoder's own counter knows best: weights that came back from an earlier epoch may be untrained at a later step.
  const std::string counter = decoder.name.text + "/step";
  if (network.session().variables().contains(counter)) return network.scalar(counter) == 0.0;
  return step < decoder.every;
}

std::optional<std::string> loss_that_is_no_number(const EpochMetrics& metrics) {
  const auto bad = [](const std::optional<double>& loss) { return loss && !std::isfinite(*loss); };
  if (bad(metrics.validation.loss)) return "the classifier's validation loss";
  if (bad(metrics.test.loss)) return "the classifier's test loss";
  for (const auto& [name, decoder] : metrics.decoders) {
    if (bad(decoder.validation_loss)) return "the validation loss of \"" + name + "\"";
    if (bad(decoder.test_loss)) return "the test loss of \"" + name + "\"";
  }
  return std::nullopt;
}

}  // namespace generalizer
