#include "graph/inference.h"

#include <algorithm>
#include <new>

namespace generalizer {
namespace {

std::vector<std::string> losses_against(LossTarget target, const Registry& registry) {
  std::vector<std::string> names;
  for (const std::string& name : registry.loss_names()) {
    if (registry.find_loss(name)->target == target) names.push_back(name);
  }
  return names;
}

/// Whether every term takes samples of whatever shape.
bool compares_any_shape(const LossSpec& loss, const Registry& registry) {
  return !loss.terms.empty() && std::all_of(loss.terms.begin(), loss.terms.end(), [&](const LossTerm& term) {
    const LossType* type = registry.find_loss(term.loss.type.text);
    return type != nullptr && type->any_shape;
  });
}

/// Nodes from `first` on.
double flops_since(const Program& program, std::size_t first) {
  double flops = 0.0;
  for (std::size_t i = first; i < program.nodes().size(); ++i) flops += flops_of(program, program.nodes()[i]);
  return flops;
}

}  // namespace

DType floating_of(const GraphSpec& spec) {
  return floating_type(spec.precision);
}

Inference::Inference(const GraphSpec& spec, const std::optional<DataShape>& data, const Registry& registry,
                     std::vector<Diagnostic>& found)
    : spec_(spec),
      data_(data),
      registry_(registry),
      found_(found),
      floating_(floating_of(spec)),
      scratch_("shapes"),
      decoder_outputs_(spec.decoders.size()) {
  if (!data) return;
  std::vector<std::int64_t> extents{spec.train.batch};  // {batch, C, H, W}
  extents.insert(extents.end(), data->image.begin(), data->image.end());
  image_ = Tensor(scratch_, scratch_.add_input("image", {floating_, Shape(extents)}));
}

void Inference::losses() {
  if (spec_.classifier.loss) {
    classifier_loss_known_ = losses_known(
        *spec_.classifier.loss, LossTarget::labels, "the classifier",
        "without a loss of its own the classifier is an encoder, trained by its decoders' losses alone");
  }
  for (const DecoderSpec& decoder : spec_.decoders) {
    decoder_losses_known_.push_back(losses_known(decoder.loss, LossTarget::values,
                                                 "the decoder \"" + decoder.name.text + "\"",
                                                 "a decoder recreates numbers, not labels"));
  }
}

void Inference::classifier(PlayerDraft& draft) {
  classifier_outputs_ = build_layers(draft, {{image_, "the image"}});
  if (!classifier_loss_known_ || !draft.output_sound()) return;
  const LossSpec& loss = *spec_.classifier.loss;
  if (!logits_fit(loss.terms.front().loss, draft.player.layers[draft.player.output])) return;
  const Tensor label(scratch_, scratch_.add_input("label", {DType::i32, {spec_.train.batch}}));
  build_losses(loss, "classifier", classifier_outputs_[draft.player.output].value, label);
}

void Inference::decoder(std::size_t index, PlayerDraft& draft, const FasteningDraft& fastening) {
  const DecoderSpec& spec = spec_.decoders[index];
  std::vector<LayerInput> taps;
  for (const std::optional<Place>& tap : fastening.taps) {
    const LayerInput tapped = at(tap);
    taps.push_back({tapped.value, "the tap " + tapped.from});
  }
  decoder_outputs_[index] = build_layers(draft, taps);
  const LayerInput target = at(fastening.target);
  if (!draft.output_sound() || !target.value.defined()) return;
  const bool image = fastening.target->is_image();
  const Tensor wanted = image ? target.value : stop_gradient(target.value);
  const std::string name = image ? target.from : "layer " + target.from;
  const bool fits = compares_any_shape(spec.loss, registry_) ||
                    recreation_fits(spec, draft.player.layers[draft.player.output], wanted, name);
  if (!fits || !decoder_losses_known_[index]) return;
  build_losses(spec.loss, spec.name.text, decoder_outputs_[index][draft.player.output].value, wanted);
}

LayerInput Inference::at(const std::optional<Place>& place) const {
  if (!place) return {};
  if (place->is_image()) return {image_, "the image"};
  if (!place->of_decoder()) return classifier_outputs_[place->layer];
  const std::vector<LayerInput>& outputs = decoder_outputs_[place->player];
  if (outputs.empty()) return {};  // it could not be built
  const std::string& player = spec_.decoders[place->player].name.text;
  return {outputs[place->layer].value, outputs[place->layer].from + " of the decoder \"" + player + "\""};
}

std::vector<LayerInput> Inference::build_layers(PlayerDraft& draft,
                                                const std::vector<LayerInput>& from_outside) {
  const std::size_t count = draft.player.layers.size();
  std::vector<LayerInput> outputs(count);
  for (std::size_t i = 0; i < count; ++i) {
    GraphLayer& layer = draft.player.layers[i];
    std::vector<LayerInput> inputs;
    for (const std::size_t operand : layer.inputs) {
      const bool outside = GraphLayer::is_outside(operand, count);
      inputs.push_back(outside ? from_outside[GraphLayer::tap_of(operand)] : outputs[operand]);
      draft.sound[i] = draft.sound[i] && inputs.back().value.defined();
    }
    outputs[i].from = describe(*layer.spec);
    if (!draft.sound[i]) continue;
    outputs[i].value = build_one(layer, draft.player.name, inputs);
    draft.sound[i] = outputs[i].value.defined();
  }
  return outputs;
}

Tensor Inference::build_one(GraphLayer& layer, const std::string& player,
                            const std::vector<LayerInput>& inputs) {
  const std::size_t first = scratch_.nodes().size();
  const LayerContext context{scratch_, player, player, player + "/step", floating_, spec_.seed, true};
  try {
    const BuiltLayer built = build_layer(context, *layer.spec, *layer.type, inputs);
    layer.output = built.output.shape();
    layer.flops = flops_since(scratch_, first);
    for (const LayerVariable& variable : built.variables) {
      if (variable.trained) layer.weights += variable.value.shape().elements();
    }
    if (layer.output.rank() > 0 && layer.output[0] == spec_.train.batch &&
        built.output.dtype() == floating_) {
      return built.output;
    }
    report(layer.spec->where,
           "layer " + describe(*layer.spec) + " gives " + to_string(built.output.type()) +
               "; the first extent must be the batch (" + std::to_string(spec_.train.batch) +
               ") and the type " + name_of(floating_),
           "report this to whoever made the layer type");
  } catch (const GraphError& error) {
    found_.insert(found_.end(), error.diagnostics().begin(), error.diagnostics().end());
  }
  return {};
}

const LossType* Inference::find_loss(const TypedSpec& loss, LossTarget wanted, const std::string& whose,
                                     const std::string& why) {
  const LossType* type = registry_.find_loss(loss.type.text);
  const std::string choices = quoted_list(losses_against(wanted, registry_));
  const std::string hint = choices.empty() ? why : "use " + choices + "; " + why;
  if (type == nullptr) {
    report(loss.type.where, "there is no loss \"" + loss.type.text + "\"", hint);
    return nullptr;
  }
  if (type->target != wanted) {
    const bool labels = wanted == LossTarget::labels;
    report(loss.type.where,
           "the loss \"" + loss.type.text + "\" compares with " + (labels ? "values" : "labels") + ", and " +
               whose + " needs one that compares with " + (labels ? "labels" : "values"),
           hint);
    return nullptr;
  }
  return type;
}

bool Inference::losses_known(const LossSpec& loss, LossTarget wanted, const std::string& whose,
                             const std::string& why) {
  bool known = !loss.terms.empty();
  for (const LossTerm& term : loss.terms) known = find_loss(term.loss, wanted, whose, why) != nullptr && known;
  return known;
}

bool Inference::logits_fit(const TypedSpec& loss, const GraphLayer& output) {
  const std::string layer = "layer " + describe(*output.spec);
  if (data_->classes == 0) {
    report(loss.type.where, "the loss \"" + loss.type.text + "\" compares with labels, and the data has none",
           "name a file of labels under [data], or leave the loss out and let decoders train the classifier");
    return false;
  }
  if (output.output.rank() != 2) {
    report(output.spec->where,
           "the classifier's output must be one number a class, batch × classes; " + layer + " gives " +
               output.output.to_string(),
           "end with { type = \"flatten\" } and { type = \"dense\", units = " +
               std::to_string(data_->classes) + " }");
    return false;
  }
  if (output.output[1] != data_->classes) {
    report(output.spec->where,
           layer + " is the classifier's output and has " + std::to_string(output.output[1]) +
               (output.output[1] == 1 ? " output" : " outputs") + "; the data has " +
               std::to_string(data_->classes) + (data_->classes == 1 ? " class" : " classes"),
           "give it " + std::to_string(data_->classes) + " outputs, one a class");
    return false;
  }
  return true;
}

bool Inference::recreation_fits(const DecoderSpec& spec, const GraphLayer& output, const Tensor& target,
                                const std::string& target_name) {
  if (output.output == target.shape()) return true;
  const std::string wanted = shape_without_batch(target.shape());
  report(output.spec->where,
         "the decoder \"" + spec.name.text + "\" ends in layer " + describe(*output.spec) + ", which gives " +
             shape_without_batch(output.output) + "; its target, " + target_name + ", is " + wanted,
         output.output.elements() == target.shape().elements()
             ? "the numbers are as many: add a layer { type = \"reshape\" } to " + wanted
             : "the last layer must give " + wanted + " for each image");
  return false;
}

void Inference::build_losses(const LossSpec& loss, const std::string& whose, const Tensor& prediction,
                             const Tensor& target) {
  for (const LossTerm& term : loss.terms)
    build_loss(term.loss, *registry_.find_loss(term.loss.type.text), whose, prediction, target);
}

void Inference::build_loss(const TypedSpec& spec, const LossType& type, const std::string& whose,
                           const Tensor& prediction, const Tensor& target) {
  scratch_.set_scope(whose + " loss");
  const auto wrong = [&](const std::string& what) {
    report(spec.type.where, "the loss \"" + spec.type.text + "\" of \"" + whose + "\" can't compare " +
                                to_string(prediction.type()) + " with " + to_string(target.type()) + ": " +
                                what);
  };
  try {
    const Tensor loss = type.build({prediction, target, spec.parameters});
    if (!loss.defined()) {
      wrong("its plugin built nothing");
    } else if (loss.type() != TensorType{floating_, {}}) {
      wrong("it gives " + to_string(loss.type()) + " where one number is needed");
    }
  } catch (const GraphError& error) {
    found_.insert(found_.end(), error.diagnostics().begin(), error.diagnostics().end());
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& error) {  // a loss is a plugin's: it may throw anything
    wrong(error.what());
  } catch (...) {
    wrong("its plugin failed and doesn't say why");
  }
}

void Inference::report(const SourcePosition& where, std::string message, std::string hint) {
  found_.push_back({where, std::move(message), std::move(hint)});
}

}  // namespace generalizer
