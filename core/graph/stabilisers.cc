#include "graph/stabilisers.h"

#include <algorithm>

#include "graph/layer_builder.h"

namespace generalizer {
namespace {

bool treats(const DecoderSpec& decoder) { return decoder.noise != 0.0 || decoder.bound != Bound::none; }

class Check {
 public:
  Check(const GraphSpec& spec, const std::optional<DataShape>& data, const PlayerDraft& classifier,
        const Registry& registry, std::vector<Diagnostic>& found)
      : spec_(spec), data_(data), classifier_(classifier), registry_(registry), found_(found) {}

  void decoder(const DecoderSpec& decoder, const FasteningDraft& fastening) {
    about_classifier(decoder);
    about_step_count(decoder);
    about_sign(decoder);
    if (treats(decoder)) about_taps(decoder, fastening);
  }

  void pairs(const std::vector<FasteningDraft>& fastenings) {
    for (std::size_t i = 0; i < fastenings.size(); ++i) {
      for (std::size_t j = 0; j < i; ++j) about_pair(spec_.decoders[j], fastenings[j], spec_.decoders[i], fastenings[i]);
    }
  }

 private:
  void add(const DecoderSpec& decoder, const std::string& message, const std::string& hint) {
    found_.push_back({decoder.where, "the decoder \"" + decoder.name.text + "\" " + message, hint});
  }

  void about_classifier(const DecoderSpec& decoder) {
    if (decoder.clip && !spec_.classifier.loss)
      add(decoder, "has a clip, which compares with the gradient of the classifier's own loss, and the classifier has none",
          "give [classifier] a loss, or leave clip out");
    if (decoder.objective == Objective::class_mean && data_ && data_->classes == 0)
      add(decoder, "has objective = \"class_mean\", which needs labels, and the data has none",
          "name a file of labels under [data], or write objective = \"uniform\"");
  }

  void about_step_count(const DecoderSpec& decoder) {
    if (!spec_.train.shared_step_count) return;
    if (decoder.restarts > 0)
      add(decoder, "restarts, with a step count that begins anew, and [train] has shared_step_count = true",
          "leave shared_step_count or restarts out");
    if (decoder.objective == Objective::gradient_reversal)
      add(decoder, "learns in the classifier's own step (objective = \"gradient_reversal\"), and [train] has shared_step_count = true, "
                   "which counts one after the other",
          "leave shared_step_count out, or write objective = \"negative_loss\"");
  }

  /// A loss that compares samples of any shape says how much the one tells of the other: the classifier is to make it small.
  void about_sign(const DecoderSpec& decoder) {
    if (decoder.sign != Sign::negative) return;
    for (const LossTerm& term : decoder.loss.terms) {
      const LossType* type = registry_.find_loss(term.loss.type.text);
      if (type == nullptr || !type->any_shape) continue;
      found_.push_back({term.loss.type.where,
                        "the loss \"" + type->name + "\" of the decoder \"" + decoder.name.text +
                            "\" is large where the tap tells much of the target, and sign = \"negative\" would reward that",
                        "write sign = \"positive\""});
    }
  }

  void about_taps(const DecoderSpec& decoder, const FasteningDraft& fastening) {
    for (const std::optional<Place>& tap : fastening.taps) {
      if (!tap) continue;
      if (tap->player != Place::classifier) {
        add(decoder, std::string("has ") + (decoder.noise != 0.0 ? "noise" : "a bound") +
                         ", which changes a layer of the classifier, and taps another decoder",
            "write it at the decoder that taps the classifier");
        continue;
      }
      if (!data_ || decoder.bound != Bound::layer_norm || !classifier_.sound[tap->layer]) continue;
      const GraphLayer& layer = classifier_.player.layers[tap->layer];
      if (layer.output.elements() / layer.output[0] > 1) continue;
      add(decoder, "has bound = \"layer_norm\", and its tap, layer " + describe(*layer.spec) + ", gives one number for each image, which would always be 0",
          "write bound = \"tanh\", or tap a wider layer");
    }
  }

  void about_pair(const DecoderSpec& one, const FasteningDraft& at_one, const DecoderSpec& other,
                  const FasteningDraft& at_other) {
    const bool bounds = one.bound != Bound::none && other.bound != Bound::none && one.bound != other.bound;
    const bool noises = one.noise != 0.0 && other.noise != 0.0 &&
                        (one.noise != other.noise || one.noise_in_use != other.noise_in_use);
    if (!bounds && !noises) return;
    for (const std::optional<Place>& tap : at_one.taps) {
      if (!tap || std::find(at_other.taps.begin(), at_other.taps.end(), tap) == at_other.taps.end()) continue;
      add(other, "taps the same layer as \"" + one.name.text + "\" and asks for another " + (bounds ? "bound" : "noise") + " there",
          "a layer has one for all: write the same at both, or at one of them alone");
      return;
    }
  }

  const GraphSpec& spec_;
  const std::optional<DataShape>& data_;
  const PlayerDraft& classifier_;
  const Registry& registry_;
  std::vector<Diagnostic>& found_;
};

}  // namespace

void check_stabilisers(const GraphSpec& spec, const std::optional<DataShape>& data, const PlayerDraft& classifier,
                       const std::vector<FasteningDraft>& fastenings, const Registry& registry,
                       std::vector<Diagnostic>& found) {
  Check check(spec, data, classifier, registry, found);
  for (std::size_t i = 0; i < fastenings.size(); ++i) check.decoder(spec.decoders[i], fastenings[i]);
  check.pairs(fastenings);
}

std::vector<Treatment> treatments_of(const GraphSpec& spec, std::size_t classifier_layers,
                                     const std::vector<Fastening>& fastenings) {
  std::vector<Treatment> treatments(classifier_layers);
  for (std::size_t i = 0; i < fastenings.size(); ++i) {
    const DecoderSpec& decoder = spec.decoders[i];
    if (!treats(decoder)) continue;
    for (const Place& tap : fastenings[i].taps) {
      Treatment& treatment = treatments[tap.layer];
      if (decoder.bound != Bound::none) treatment.bound = decoder.bound;
      if (decoder.noise == 0.0) continue;
      treatment.noise = decoder.noise;
      treatment.noise_in_use = decoder.noise_in_use;
    }
  }
  return treatments;
}

}  // namespace generalizer
