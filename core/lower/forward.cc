#include "lower/forward.h"

#include <algorithm>

#include "graph/connect.h"
#include "graph/inference.h"
#include "graph/layer_builder.h"
#include "passes/passes.h"

namespace generalizer {
namespace {

constexpr std::size_t outside = GraphLayer::from_outside;

}  // namespace

Forward::Forward(const Graph& graph, std::string program_name, std::string stepping, ForwardMode mode,
                 std::int64_t batch)
    : graph_(graph),
      stepping_(std::move(stepping)),
      training_(mode == ForwardMode::training),
      batch_(batch),
      floating_(floating_of(graph.spec())),
      program_(std::move(program_name)) {
  std::vector<std::int64_t> extents{batch};  // {batch, C, H, W}
  extents.insert(extents.end(), graph.data().image.begin(), graph.data().image.end());
  image_ = Tensor(program_, program_.add_input("image", {floating_, Shape(extents)}));
}

Tensor Forward::label() {
  if (const auto index = program_.find_input("label")) return {program_, program_.inputs()[*index]};
  return {program_, program_.add_input("label", {DType::i32, {batch_}})};
}

void Forward::build_classifier(const std::vector<std::size_t>& wanted) {
  classifier_outputs_ =
      build_layers(graph_.classifier(), needed_for(graph_.classifier(), wanted), image_, "the image");
}

void Forward::build_whole_classifier() {
  const std::vector<bool> all(graph_.classifier().layers.size(), true);
  classifier_outputs_ = build_layers(graph_.classifier(), all, image_, "the image");
}

Tensor Forward::classifier_loss() {
  const Tensor target = label();
  program_.set_scope("classifier loss");
  return build_loss(*graph_.spec().classifier.loss, classifier_output(), target);
}

std::vector<std::size_t> Forward::looked_at_by(std::size_t decoder) const {
  const DecoderSpec& spec = graph_.spec().decoders[decoder];
  std::vector<std::size_t> layers{graph_.classifier().find(spec.taps.front().text)};
  if (spec.target.text != "image") layers.push_back(graph_.classifier().find(spec.target.text));
  return layers;
}

std::vector<Tensor> Forward::build_decoder(std::size_t decoder) {
  const Player& player = graph_.decoders()[decoder];
  const Tensor& tap = classifier_layer(looked_at_by(decoder).front());
  return build_layers(player, std::vector<bool>(player.layers.size(), true), tap, "the tap");
}

Tensor Forward::decoder_loss(std::size_t decoder, const Tensor& output) {
  const DecoderSpec& spec = graph_.spec().decoders[decoder];
  program_.set_scope(spec.name.text + " loss");
  // A target that is itself learnt must not move to meet the recreation.
  const Tensor target =
      spec.target.text == "image" ? image_ : stop_gradient(classifier_layer(looked_at_by(decoder).back()));
  return build_loss(spec.loss, output, target);
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
                                          const Tensor& from_outside, const std::string& outside_name) {
  const LayerContext context{program_,  player.name,        stepping_, step_variable(),
                             floating_, graph_.spec().seed, training_};
  std::vector<Tensor> outputs(player.layers.size());
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    if (!needed[i]) continue;
    const GraphLayer& layer = player.layers[i];
    std::vector<LayerInput> inputs;
    for (const std::size_t operand : layer.inputs) {
      if (operand == outside) {
        inputs.push_back({from_outside, outside_name});
      } else {
        inputs.push_back({outputs[operand], describe(*player.layers[operand].spec)});
      }
    }
    const BuiltLayer built = build_layer(context, *layer.spec, *layer.type, inputs);
    outputs[i] = built.output;
    for (const LayerVariable& v : built.variables) {
      declare({v.name, v.value.type(), v.trained ? VariableRole::weight : VariableRole::statistic,
               player.name, v.initializer});
    }
    if (player.name != stepping_) continue;
    for (const auto& [statistic, next] : built.statistic_updates)
      statistic_updates_.push_back({statistic, next});
  }
  return outputs;
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
