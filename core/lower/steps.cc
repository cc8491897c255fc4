#include "lower/steps.h"

#include "lower/terms.h"
#include "lower/update.h"

namespace generalizer {
namespace {

/// Counting images on the device keeps the sums and their number in step, even where a step was held back.
void count_images(Forward& forward, const std::string& name, const Tensor& gate = {}) {
  const Tensor one = fill(forward.program(), forward.scalar(), 1.0);
  add_to_metric(forward, name, one, static_cast<double>(forward.batch()), gate);
}

Tensor correct_answers(Forward& forward) {
  forward.program().set_scope("metrics");
  return count_correct(forward.classifier_output(), forward.label());
}

/// Names of the decoders that learn in the classifier's step.
std::vector<std::string> learning_with_classifier(const Graph& graph) {
  std::vector<std::string> names;
  for (const DecoderSpec& decoder : graph.spec().decoders) {
    if (learns_with_classifier(decoder)) names.push_back(decoder.name.text);
  }
  return names;
}

void add_learnt(Forward& forward, const std::string& decoder, const Tensor& loss, const Tensor& gate) {
  add_to_metric(forward, "train/" + decoder + "/loss", loss, static_cast<double>(forward.batch()), gate);
  count_images(forward, "train/" + decoder + "/images", gate);
}

/// Every decoder, each after those that it taps, on the whole classifier.
void build_everything(Forward& forward) {
  forward.build_whole_classifier();
  for (const std::size_t i : forward.graph().running_order()) forward.build_decoder(i);
}

}  // namespace

StepProgram classifier_step(const Graph& graph, std::int64_t batch) {
  Forward forward(graph, "classifier step", "classifier", ForwardMode::training, batch, learning_with_classifier(graph));
  Program& program = forward.program();
  const ClassifierSpec& spec = graph.spec().classifier;
  forward.build_whole_classifier();
  const Tensor loss = spec.loss ? forward.classifier_loss() : Tensor{};
  const std::vector<DecoderTerm> terms = decoder_terms(forward);
  std::vector<Learning> learnings = {classifier_learning(forward, loss, terms)};
  for (Learning& learning : decoder_learnings(forward, terms)) learnings.push_back(std::move(learning));
  const Tensor& total = learnings.front().total;
  const Tensor gate = train_on(forward, learnings);

  const auto images = static_cast<double>(batch);
  if (loss.defined()) {
    program.add_output("loss", loss.id());
    add_to_metric(forward, "train/loss", loss, images, gate);
    add_to_metric(forward, "train/correct", correct_answers(forward), 1.0, gate);
  }
  program.add_output("total", total.id());
  add_to_metric(forward, "train/total", total, images, gate);
  for (const DecoderTerm& term : terms) {
    program.add_output(term.spec->name.text + "/loss", term.loss.id());
    add_to_metric(forward, "train/" + term.spec->name.text + "/in_loss", term.loss, images, gate);
    if (learns_with_classifier(*term.spec)) add_learnt(forward, term.spec->name.text, term.loss, gate);
  }
  for (std::size_t i = 1; i < learnings.size(); ++i) program.add_output(learnings[i].player + "/total", learnings[i].total.id());
  count_images(forward, "train/images", gate);
  return std::move(forward).finish();
}

StepProgram decoder_step(const Graph& graph, std::size_t decoder, std::int64_t batch) {
  const DecoderSpec& spec = graph.spec().decoders[decoder];
  const std::string& name = spec.name.text;
  Forward forward(graph, name + " step", name, ForwardMode::training, batch);
  forward.build_up_to(decoder);
  const Tensor loss = forward.decoder_loss(decoder);
  const Tensor total = with_penalties(forward, name, loss);
  const Tensor gate = train_on(forward, {{name, &spec.optimizer, total}});
  forward.program().add_output("loss", loss.id());
  forward.program().add_output("total", total.id());
  add_learnt(forward, name, loss, gate);
  return std::move(forward).finish();
}

StepProgram evaluation(const Graph& graph, std::int64_t batch) {
  Forward forward(graph, "evaluation", "classifier", ForwardMode::evaluation, batch);
  build_everything(forward);
  const auto images = static_cast<double>(batch);
  if (graph.spec().classifier.loss) {
    add_to_metric(forward, "test/loss", forward.classifier_loss(), images);
    add_to_metric(forward, "test/correct", correct_answers(forward), 1.0);
  }
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    add_to_metric(forward, "test/" + graph.decoders()[i].name + "/loss", forward.decoder_loss(i), images);
  }
  count_images(forward, "test/images");
  return std::move(forward).finish();
}

StepProgram prediction(const Graph& graph, std::int64_t batch) {
  Forward forward(graph, "prediction", "classifier", ForwardMode::evaluation, batch);
  Program& program = forward.program();
  build_everything(forward);
  const Tensor& output = forward.classifier_output();
  if (graph.spec().classifier.loss) {
    program.set_scope("answer");
    program.add_output("logits", output.id());
    program.add_output("probabilities", softmax(output, 1).id());
  } else {
    program.add_output("output", output.id());
  }
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    const std::string& name = graph.decoders()[i].name;
    program.add_output(name + "/output", forward.decoder_output(i).id());
    const std::vector<Place>& taps = graph.fastenings()[i].taps;
    for (const Place& tap : taps) {
      const std::string which = taps.size() == 1 ? "" : "/" + graph.name_of(tap);
      program.add_output(name + "/representation" + which, forward.at(tap).id());
    }
  }
  return std::move(forward).finish();
}

StepProgram mean_image_loss(const Graph& graph, std::size_t decoder, std::int64_t batch) {
  Forward forward(graph, "mean image loss", "classifier", ForwardMode::evaluation, batch);
  const Tensor loss = forward.decoder_loss_between(decoder, forward.mean_images(), forward.image());
  forward.program().add_output("loss", loss.id());
  return std::move(forward).finish();
}

StepProgram tapped(const Graph& graph, std::int64_t batch) {
  Forward forward(graph, "tapped", "classifier", ForwardMode::evaluation, batch);
  forward.without_noise();
  forward.build_whole_classifier();
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    for (const Place& tap : graph.fastenings()[i].taps) {
      if (tap.of_decoder()) continue;
      forward.program().add_output(graph.decoders()[i].name + "/" + graph.name_of(tap), forward.at(tap).id());
    }
  }
  return std::move(forward).finish();
}

StepProgram probe(const Graph& graph, std::int64_t batch) {
  Forward forward(graph, "probe", "classifier", ForwardMode::training, batch);
  build_everything(forward);
  const auto show = [&](std::size_t player, const std::vector<GraphLayer>& layers) {
    for (std::size_t layer = 0; layer < layers.size(); ++layer) {
      const Place place{player, layer};
      forward.program().add_output(graph.player_of(place).name + "/" + layers[layer].spec->name.text,
                                   forward.at(place).id());
    }
  };
  show(Place::classifier, graph.classifier().layers);
  for (const std::size_t i : graph.running_order()) show(i, graph.decoders()[i].layers);
  return std::move(forward).finish();
}

}  // namespace generalizer
