#include "lower/forward.h"

#include <algorithm>

#include "graph/connect.h"
#include "graph/inference.h"
#include "graph/layer_builder.h"
#include "passes/passes.h"

namespace generalizer {
Forward::Forward(const Graph& graph, std::string program_name, std::string stepping, ForwardMode mode,
                 std::int64_t batch)
    : graph_(graph),
      stepping_(std::move(stepping)),
      training_(mode == ForwardMode::training),
      batch_(batch),
      floating_(floating_of(graph.spec())),
      program_(std::move(program_name)),
      decoder_outputs_(graph.decoders().size()) {
  program_.set_arithmetic(arithmetic(graph.spec().precision));
  std::vector<std::int64_t> extents{batch};  // {batch, C, H, W}
  extents.insert(extents.end(), graph.data().image.begin(), graph.data().image.end());
  image_ = Tensor(program_, program_.add_input("image", {floating_, Shape(extents)}));
}

Tensor Forward::label() {
  if (const auto index = program_.find_input("label")) return {program_, program_.inputs()[*index]};
  return {program_, program_.add_input("label", {DType::i32, {batch_}})};
}

void Forward::build_classifier(const std::vector<bool>& needed) {
  classifier_outputs_ = build_layers(graph_.classifier(), needed, {{image_, "the image"}});
}

void Forward::build_whole_classifier() {
  build_classifier(std::vector<bool>(graph_.classifier().layers.size(), true));
}

void Forward::mark_needed(const std::vector<Place>& places, std::vector<bool>& needed) const {
  for (const Place& place : places) {
    if (place.is_image()) continue;
    if (place.of_decoder()) {
      mark_needed(graph_.fastenings()[place.player].taps, needed);
      continue;
    }
    const std::vector<bool> more = needed_for(graph_.classifier(), {place.layer});
    for (std::size_t i = 0; i < needed.size(); ++i) needed[i] = needed[i] || more[i];
  }
}

void Forward::build_up_to(std::size_t decoder) {
  const Fastening& fastening = graph_.fastenings()[decoder];
  std::vector<bool> needed(graph_.classifier().layers.size(), false);
  mark_needed(fastening.taps, needed);
  mark_needed({fastening.target}, needed);
  build_classifier(needed);
  build_decoder(decoder);
}

void Forward::build_decoder(std::size_t decoder) {
  if (!decoder_outputs_[decoder].empty()) return;
  const Fastening& fastening = graph_.fastenings()[decoder];
  std::vector<LayerInput> taps;
  for (const Place& tap : fastening.taps) {
    if (tap.of_decoder()) build_decoder(tap.player);
    taps.push_back({at(tap), "the tap \"" + graph_.name_of(tap) + "\""});
  }
  const Player& player = graph_.decoders()[decoder];
  decoder_outputs_[decoder] = build_layers(player, std::vector<bool>(player.layers.size(), true), taps);
}

const Tensor& Forward::at(const Place& place) const {
  if (place.is_image()) return image_;
  return (place.of_decoder() ? decoder_outputs_[place.player] : classifier_outputs_)[place.layer];
}

Tensor Forward::classifier_loss() {
  const Tensor target = label();
  program_.set_scope("classifier loss");
  return build_loss(*graph_.spec().classifier.loss, classifier_output(), target);
}

Tensor Forward::decoder_loss(std::size_t decoder) {
  const DecoderSpec& spec = graph_.spec().decoders[decoder];
  const Place& target = graph_.fastenings()[decoder].target;
  if (target.of_decoder()) build_decoder(target.player);
  program_.set_scope(spec.name.text + " loss");
  const Tensor wanted = target.is_image() ? image_ : stop_gradient(at(target));
  return build_loss(spec.loss, decoder_output(decoder), wanted);
}

Tensor Forward::build_loss(const LossSpec& loss, const Tensor& prediction, const Tensor& target) {
  Tensor sum;
  for (const LossTerm& term : loss.terms) {
    const LossType& type = *graph_.registry().find_loss(term.loss.type.text);
    const Tensor value = type.build({prediction, target, term.loss.parameters});
    const Tensor weighted = term.weight == 1.0 ? value : affine(value, term.weight, 0.0);
    sum = sum.defined() ? sum + weighted : weighted;
  }
  return sum;
}

std::vector<Tensor> Forward::build_layers(const Player& player, const std::vector<bool>& needed,
                                          const std::vector<LayerInput>& from_outside) {
  const LayerContext context{program_,  player.name,        stepping_, step_variable(),
                             floating_, graph_.spec().seed, training_};
  std::vector<Tensor> outputs(player.layers.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!needed[i]) continue;
    const GraphLayer& layer = player.layers[i];
    std::vector<LayerInput> inputs;
    for (const std::size_t operand : layer.inputs) {
      if (GraphLayer::is_outside(operand, outputs.size())) {
        inputs.push_back(from_outside[GraphLayer::tap_of(operand)]);
      } else {
        inputs.push_back({outputs[operand], describe(*player.layers[operand].spec)});
      }
    }
    const BuiltLayer built = build_layer(context, *layer.spec, *layer.type, inputs);
    outputs[i] = built.output;
    keep(player, *layer.spec, built);
  }
  return outputs;
}

/// Declares a layer's variables, and notes what of them the step may move.
void Forward::keep(const Player& player, const LayerSpec& layer, const BuiltLayer& built) {
  const bool moves = player.name == stepping_ && !layer.freeze;
  for (const LayerVariable& v : built.variables) {
    const VariableDeclaration declaration{v.name, v.value.type(),
                                          v.trained ? VariableRole::weight : VariableRole::statistic,
                                          player.name, v.initializer};
    const Tensor value = declare(declaration);
    if (moves && v.trained) trained_weights_.push_back({declaration, value, &layer});
  }
  if (!moves) return;
  for (const auto& [statistic, next] : built.statistic_updates) statistic_updates_.push_back({statistic, next});
}

Tensor Forward::declare(const VariableDeclaration& variable) {
  const ValueId id = program_.add_variable(variable.name, variable.type);
  const auto known = std::find_if(declarations_.begin(), declarations_.end(),
                                  [&](const VariableDeclaration& d) { return d.name == variable.name; });
  if (known == declarations_.end()) declarations_.push_back(variable);
  return {program_, id};
}

std::string Forward::step_variable() const {
  return (graph_.spec().train.shared_step_count ? std::string("shared") : stepping_) + "/step";
}

Tensor Forward::step_counter() {
  const bool shared = graph_.spec().train.shared_step_count;
  return declare(
      {step_variable(), {DType::i64, {}}, VariableRole::step, shared ? "" : stepping_, constant(0.0)});
}

StepProgram Forward::finish() && {
  step_counter();  // layers with random numbers may have asked for it
  StepProgram step{optimize(program_), {}};
  for (const VariableDeclaration& variable : declarations_) {
    if (step.program.find_variable(variable.name)) step.variables.push_back(variable);
  }
  return step;
}

}  // namespace generalizer
