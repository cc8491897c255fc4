#include "trainer/steps.h"

#include <fmt/format.h>

namespace generalizer {

TrainingLength length_of(const TrainSpec& train, std::int64_t images) {
  const std::int64_t per_epoch = (images + train.batch - 1) / train.batch;
  return {per_epoch, train.steps > 0 ? train.steps : train.epochs * per_epoch};
}

std::vector<std::string> decoders_never_due(const GraphSpec& spec, const TrainingLength& length) {
  std::vector<std::string> sentences;
  for (const DecoderSpec& decoder : spec.decoders) {
    if (decoder.every <= length.steps || !decoder.member_of.empty()) continue;
    sentences.push_back(fmt::format(
        "The decoder \"{}\" is never trained: it does one step every {} classifier steps, and the training has {}. "
        "A smaller `every` or a longer training reaches it.",
        decoder.name.text, decoder.every, length.steps));
  }
  return sentences;
}

Alternation::Steps& Alternation::steps_for(std::int64_t batch) {
  const auto [found, missing] = steps_.try_emplace(batch);
  Steps& steps = found->second;
  if (missing) {
    const Graph& graph = network_.graph();
    steps.classifier = network_.session().compile(classifier_step(graph, batch).program);
    for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
      steps.decoders.push_back(network_.session().compile(decoder_step(graph, i, batch).program));
    }
  }
  return steps;
}

void Alternation::run(const Batch& batch, std::int64_t step) {
  Steps& steps = steps_for(batch.count);
  set_batch(*steps.classifier, batch.images, batch.labels);
  steps.classifier->run();
  const std::vector<DecoderSpec>& decoders = network_.graph().spec().decoders;
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    if (step % decoders[i].every != 0) continue;
    const std::int64_t left = decoders[i].steps - (learns_with_classifier(decoders[i]) ? 1 : 0);
    if (left > 0) set_batch(*steps.decoders[i], batch.images, batch.labels);
    for (std::int64_t turn = 0; turn < left; ++turn) steps.decoders[i]->run();
  }
}

}  // namespace generalizer
