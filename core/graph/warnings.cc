#include "graph/warnings.h"

#include <algorithm>

#include "graph/layer_builder.h"
#include "graph/output_range.h"

namespace generalizer {
namespace {

constexpr NumberRange kProbabilities{0.0, 1.0};

/// A value that somebody typed for this run alone is meant.
bool is_typed(const SourcePosition& where) { return where.file.starts_with("--"); }

class Warnings {
 public:
  Warnings(const GraphSpec& spec, const Registry& registry)
      : spec_(spec), registry_(registry), images_(range_of_images(spec.data)) {}

  std::vector<Diagnostic> find() {
    about_logits();
    about_idle_layers(spec_.classifier.layers);
    for (const DecoderSpec& decoder : spec_.decoders) {
      if (!decoder.member_of.empty()) continue;  // what is said of the first of an ensemble holds of all
      about_idle_layers(decoder.layers);
      about_weight(decoder);
      about_recreation(decoder);
    }
    return std::move(found_);
  }

 private:
  void add(const SourcePosition& where, std::string message, std::string hint) {
    found_.push_back({where, std::move(message), std::move(hint)});
  }

  /// Losses of labels apply softmax to what they are given.
  void about_logits() {
    const auto end = output_function(spec_.classifier.layers);
    if (!spec_.classifier.loss || !end || end->function == "linear") return;
    for (const LossTerm& term : spec_.classifier.loss->terms) {
      const std::string& loss = term.loss.type.text;
      const LossType* type = registry_.find_loss(loss);
      if (type == nullptr || type->target != LossTarget::labels) continue;
      add(end->where, ends_with(*end) + " and feeds the loss \"" + loss + "\", which applies softmax itself",
          loss + " takes logits: end with a layer that has no activation");
      return;
    }
  }

  static std::string ends_with(const OutputFunction& end) {
    return "layer " + describe(*end.layer) +
           (end.function == "linear" ? " has no activation" : " ends with " + end.function);
  }

  /// Layers whose only number is one that switches them off.
  void about_idle_layers(const std::vector<LayerSpec>& layers) {
    for (const LayerSpec& layer : layers) {
      const std::string& type = layer.type.text;
      const bool drops = type == "dropout" || type == "spatial_dropout";
      const std::string key = drops ? "rate" : "deviation";
      if ((!drops && type != "gaussian_noise") || !layer.parameters.has(key)) continue;
      const SourcePosition where = layer.parameters.where(key);
      if (layer.parameters.number(key) != 0.0 || is_typed(where)) continue;
      add(where.known() ? where : layer.where,
          "layer " + describe(layer) + " changes nothing: its " + key + " is 0",
          std::string("take it out, or give it ") + (drops ? "a rate such as 0.5" : "a deviation such as 0.1"));
    }
  }

  void about_weight(const DecoderSpec& decoder) {
    if (decoder.weight != 0.0 || decoder.sign == Sign::none || is_typed(decoder.weight_where)) return;
    add(decoder.weight_where.known() ? decoder.weight_where : decoder.where,
        "the decoder \"" + decoder.name.text + "\" has the weight 0, so its loss is no part of the classifier's",
        "sign = \"none\" says that it only watches; or give it a weight above 0");
  }

  /// Whether the decoder can give what it is to recreate, and its losses can compare it.
  void about_recreation(const DecoderSpec& decoder) {
    const auto end = output_function(decoder.layers);
    const bool images = decoder.target.text == "image";
    for (const LossTerm& term : decoder.loss.terms) {
      if (term.loss.type.text == "binary_cross_entropy" && about_probabilities(decoder, term.loss, end)) return;
    }
    const auto any_shape = [&](const LossTerm& term) {
      const LossType* type = registry_.find_loss(term.loss.type.text);
      return type != nullptr && type->any_shape;
    };
    if (!images || !end || std::any_of(decoder.loss.terms.begin(), decoder.loss.terms.end(), any_shape)) return;
    const NumberRange given = range_of(end->function);
    if (!given.holds(images_)) {
      add(end->where,
          ends_with(*end) + ", which gives numbers " + to_string(given) + ", and the decoder \"" + decoder.name.text +
              "\" has to recreate images that \"normalize\" brings to numbers " + to_string(images_),
          "end with a layer that has no activation, or leave \"normalize\" out of [data]");
    } else if (end->function == "softmax") {
      add(end->where,
          ends_with(*end) + ", whose numbers add up to 1, and the decoder \"" + decoder.name.text +
              "\" has to recreate images, whose pixels don't",
          "end with activation = \"sigmoid\", or with a layer that has no activation");
    }
  }

  /// True when something was said.
  bool about_probabilities(const DecoderSpec& decoder, const TypedSpec& loss, const std::optional<OutputFunction>& end) {
    if (decoder.target.text == "image" && !kProbabilities.holds(images_)) {
      add(loss.type.where,
          "the loss \"" + loss.type.text + "\" of the decoder \"" + decoder.name.text +
              "\" compares with numbers from 0 to 1, and \"normalize\" brings images to numbers " + to_string(images_),
          "take loss = \"mse\", or leave \"normalize\" out of [data]");
      return true;
    }
    if (!end || !loss.parameters.has("logits")) return false;
    const bool gives_probabilities = kProbabilities.holds(range_of(end->function));
    if (loss.parameters.boolean("logits") == gives_probabilities) {
      add(end->where,
          ends_with(*end) + " and feeds the loss \"" + loss.type.text + "\", which " +
              (gives_probabilities ? "with logits = true applies sigmoid itself" : "takes probabilities, from 0 to 1"),
          gives_probabilities ? "end with a layer that has no activation, or leave logits out of the loss"
                              : "end with activation = \"sigmoid\"" +
                                    std::string(end->function == "linear" ? ", or give the loss logits = true" : ""));
      return true;
    }
    return false;
  }

  const GraphSpec& spec_;
  const Registry& registry_;
  NumberRange images_;
  std::vector<Diagnostic> found_;
};

}  // namespace

std::vector<Diagnostic> warnings_of(const GraphSpec& spec, const Registry& registry) {
  return Warnings(spec, registry).find();
}

}  // namespace generalizer
