#include "lower/steps.h"

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

/// A term that is 0 whatever the decoder does.
bool enters_classifier(const DecoderSpec& decoder) {
  return decoder.sign != Sign::none && decoder.weight != 0.0;
}

struct DecoderTerm {
  const DecoderSpec* spec;
  Tensor loss;
};

/// Decoders run on the classifier's activations; their weights take part and stay.
std::vector<DecoderTerm> decoder_terms(Forward& forward) {
  std::vector<DecoderTerm> terms;
  for (std::size_t i = 0; i < forward.graph().decoders().size(); ++i) {
    const DecoderSpec& spec = forward.graph().spec().decoders[i];
    if (!enters_classifier(spec)) continue;
    forward.build_decoder(i);
    terms.push_back({&spec, forward.decoder_loss(i)});
  }
  return terms;
}

/// loss + Σ ±weight·decoder loss + penalties; without a loss of the classifier's own the terms alone.
Tensor total_of(Forward& forward, Tensor loss, const std::vector<DecoderTerm>& terms) {
  forward.program().set_scope("total");
  Tensor total = loss;
  for (const DecoderTerm& term : terms) {
    const double sign = term.spec->sign == Sign::negative ? -1.0 : 1.0;
    const Tensor signed_loss = affine(term.loss, sign * term.spec->weight, 0.0);
    total = total.defined() ? total + signed_loss : signed_loss;
  }
  return with_penalties(forward, total);
}

/// Every decoder, each after those that it taps, on the whole classifier.
void build_everything(Forward& forward) {
  forward.build_whole_classifier();
  for (const std::size_t i : forward.graph().running_order()) forward.build_decoder(i);
}

}  // namespace

StepProgram classifier_step(const Graph& graph, std::int64_t batch) {
  Forward forward(graph, "classifier step", "classifier", ForwardMode::training, batch);
  Program& program = forward.program();
  const ClassifierSpec& spec = graph.spec().classifier;
  forward.build_whole_classifier();
  const Tensor loss = spec.loss ? forward.classifier_loss() : Tensor{};
  const std::vector<DecoderTerm> terms = decoder_terms(forward);
  const Tensor total = total_of(forward, loss, terms);
  const Tensor gate = train_on(forward, total, spec.optimizer);

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
  }
  count_images(forward, "train/images", gate);
  return std::move(forward).finish();
}

StepProgram decoder_step(const Graph& graph, std::size_t decoder, std::int64_t batch) {
  const DecoderSpec& spec = graph.spec().decoders[decoder];
  const std::string& name = spec.name.text;
  Forward forward(graph, name + " step", name, ForwardMode::training, batch);
  forward.build_up_to(decoder);
  const Tensor loss = forward.decoder_loss(decoder);
  const Tensor total = with_penalties(forward, loss);
  const Tensor gate = train_on(forward, total, spec.optimizer);
  forward.program().add_output("loss", loss.id());
  forward.program().add_output("total", total.id());
  add_to_metric(forward, "train/" + name + "/loss", loss, static_cast<double>(batch), gate);
  count_images(forward, "train/" + name + "/images", gate);
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
