#include "lower/forward.h"

#include <algorithm>

#include "generalizer/random.h"
#include "graph/connect.h"
#include "graph/inference.h"
#include "graph/layer_builder.h"
#include "passes/passes.h"

namespace generalizer {
Forward::Forward(const Graph& graph, std::string program_name, std::string stepping, ForwardMode mode,
                 std::int64_t batch, std::vector<std::string> also)
    : graph_(graph),
      stepping_(std::move(stepping)),
      also_(std::move(also)),
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

Tensor Forward::decoder_loss_between(std::size_t decoder, const Tensor& prediction, const Tensor& wanted) {
  const DecoderSpec& spec = graph_.spec().decoders[decoder];
  program_.set_scope(spec.name.text + " loss");
  return build_loss(spec.loss, prediction, wanted);
}

Tensor Forward::mean_images() {
  const Tensor mean = declare({"mean_image", {floating_, graph_.data().image}, VariableRole::given, "", zeros()});
  program_.set_scope("mean image");
  return broadcast_to(mean, image_.shape());
}

Tensor Forward::class_mean_images() {
  const Shape table{graph_.data().classes, graph_.data().image.elements()};
  const Tensor means = declare({"class_means", {floating_, table}, VariableRole::given, "", zeros()});
  const Tensor labels = label();
  program_.set_scope("class means");
  return reshape(gather_rows(means, labels), image_.shape());
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
  const LayerContext context{program_,  player.name,        stepping_, step_variable(stepping_),
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
    outputs[i] = &player == &graph_.classifier() ? treated(i, built.output) : built.output;
    keep(player, *layer.spec, built);
  }
  return outputs;
}

Tensor Forward::treated(std::size_t layer, const Tensor& output) {
  const Treatment& treatment = graph_.treatments()[layer];
  const bool noisy = noisy_ && treatment.noise != 0.0 && (training_ || treatment.noise_in_use);
  if (treatment.bound == Bound::none && !noisy) return output;
  program_.set_scope("classifier/" + graph_.classifier().layers[layer].spec->name.text);
  Tensor x = output;
  if (treatment.bound == Bound::tanh) x = tanh(x);
  if (treatment.bound == Bound::sigmoid) x = sigmoid(x);
  if (treatment.bound == Bound::layer_norm) {
    const Tensor rows = reshape(x, {x.dim(0), x.shape().elements() / x.dim(0)});
    x = reshape(normalize_rows(rows, 1e-5)[0], x.shape());
  }
  return noisy ? x + tap_noise(layer, x.type()) * treatment.noise : x;
}

/// Standard normal numbers, fresh for each step. What trains nothing has a counter of its own, so that every batch is given other numbers.
Tensor Forward::tap_noise(std::size_t layer, const TensorType& type) {
  const std::string& name = graph_.classifier().layers[layer].spec->name.text;
  if (training_) {
    const Tensor step(program_, program_.add_variable(step_variable(stepping_), {DType::i64, {}}));
    return random_normal(step, type, graph_.spec().seed, stream_of((stepping_ + "/classifier/" + name + "/tap noise").c_str()));
  }
  if (!noise_draws_.defined()) {
    noise_draws_ = declare({"noise_draws", {DType::i64, {}}, VariableRole::step, "", constant(0.0)});
    program_.assign(noise_draws_.id(), increment(noise_draws_, fill(program_, scalar(), 1.0)).id());
  }
  return random_normal(noise_draws_, type, graph_.spec().seed, stream_of(("use/classifier/" + name + "/tap noise").c_str()));
}

bool Forward::learns(const std::string& player) const {
  return player == stepping_ || std::find(also_.begin(), also_.end(), player) != also_.end();
}

std::vector<Forward::TrainedWeight> Forward::trained_weights_of(const std::string& player) const {
  std::vector<TrainedWeight> weights;
  for (const TrainedWeight& weight : trained_weights_) {
    if (weight.declaration.player == player) weights.push_back(weight);
  }
  return weights;
}

/// Declares a layer's variables, and notes what of them the step may move.
void Forward::keep(const Player& player, const LayerSpec& layer, const BuiltLayer& built) {
  const bool moves = learns(player.name) && !layer.freeze;
  for (const LayerVariable& v : built.variables) {
    const VariableDeclaration declaration{v.name, v.value.type(),
                                          v.trained ? VariableRole::weight : VariableRole::statistic,
                                          player.name, v.initializer};
    const Tensor value = declare(declaration);
    if (moves && v.trained) trained_weights_.push_back({declaration, value, &layer});
  }
  if (learns(player.name)) {
    for (const Tensor& penalty : built.penalties) penalties_.push_back({player.name, penalty});
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

std::string Forward::step_variable(const std::string& player) const {
  return (graph_.spec().train.shared_step_count ? std::string("shared") : player) + "/step";
}

Tensor Forward::step_counter(const std::string& player) {
  const bool shared = graph_.spec().train.shared_step_count;
  return declare(
      {step_variable(player), {DType::i64, {}}, VariableRole::step, shared ? "" : player, constant(0.0)});
}

StepProgram Forward::finish() && {
  step_counter(stepping_);  // layers with random numbers may have asked for it
  StepProgram step{optimize(program_), {}};
  for (const VariableDeclaration& variable : declarations_) {
    if (step.program.find_variable(variable.name)) step.variables.push_back(variable);
  }
  return step;
}

}  // namespace generalizer
