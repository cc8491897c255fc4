#include "graph/uses.h"

#include <algorithm>

#include "graph/layer_builder.h"

namespace generalizer {
namespace {

/// The taps that no layer of a sound decoder takes.
std::vector<std::size_t> unused_taps(const PlayerDraft& draft, std::size_t taps) {
  if (!draft.whole()) return {};
  std::vector<std::size_t> unused;
  for (std::size_t tap = 0; tap < taps; ++tap) {
    const std::size_t operand = GraphLayer::from_tap(tap);
    const bool taken = std::any_of(
        draft.player.layers.begin(), draft.player.layers.end(), [&](const GraphLayer& layer) {
          return std::find(layer.inputs.begin(), layer.inputs.end(), operand) != layer.inputs.end();
        });
    if (!taken) unused.push_back(tap);
  }
  return unused;
}

/// Reports layers that no layer takes and that are not in `used`. `why` ends the sentence: what else could have used it.
void report_unused(const PlayerDraft& draft, const std::vector<std::size_t>& used, const std::string& why,
                   std::vector<Diagnostic>& found) {
  const std::vector<GraphLayer>& layers = draft.player.layers;
  if (!draft.whole()) return;
  std::vector<bool> read(layers.size(), false);
  for (const std::size_t layer : used) read[layer] = true;
  for (const GraphLayer& layer : layers) {
    for (const std::size_t operand : layer.inputs) {
      if (!GraphLayer::is_outside(operand, layers.size())) read[operand] = true;
    }
  }
  for (std::size_t i = 0; i < layers.size(); ++i) {
    if (read[i]) continue;
    found.push_back({layers[i].spec->where,
                     "nothing uses the output of layer " + describe(*layers[i].spec) + ": " + why,
                     "name it in the `inputs` of a layer, or take it out"});
  }
}

/// The layers of a player that decoders tap or have as target.
std::vector<std::size_t> looked_at(std::size_t player, const std::vector<FasteningDraft>& fastenings) {
  std::vector<std::size_t> layers;
  const auto look = [&](const std::optional<Place>& place) {
    if (place && place->player == player) layers.push_back(place->layer);
  };
  for (const FasteningDraft& fastening : fastenings) {
    for (const auto& tap : fastening.taps) look(tap);
    look(fastening.target);
  }
  return layers;
}

void check_classifier_uses(const GraphSpec& spec, const PlayerDraft& classifier,
                           const std::vector<FasteningDraft>& fastenings, std::vector<Diagnostic>& found) {
  std::vector<std::size_t> used = looked_at(Place::classifier, fastenings);
  if (spec.classifier.loss) used.push_back(classifier.player.output);
  report_unused(classifier, used,
                spec.classifier.loss
                    ? "no layer takes it, no decoder taps it or has it as target, and it is not the last"
                    : "no layer takes it, no decoder taps it or has it as target, and without a loss the "
                      "classifier's last layer serves its decoders alone",
                found);
}

void check_decoder_uses(const DecoderSpec& spec, std::size_t index, const PlayerDraft& decoder,
                        const std::vector<FasteningDraft>& fastenings, std::vector<Diagnostic>& found) {
  std::vector<std::size_t> used = looked_at(index, fastenings);
  used.push_back(decoder.player.output);
  report_unused(decoder, used, "no layer takes it, and it is not the decoder's last", found);
  for (const std::size_t tap : unused_taps(decoder, spec.taps.size())) {
    const Located& name = spec.taps[tap];
    found.push_back({name.where.known() ? name.where : spec.where,
                     "no layer of the decoder \"" + spec.name.text + "\" takes its tap \"" + name.text + "\"",
                     "name it in the `inputs` of a layer, or take it out"});
  }
}

}  // namespace

void check_uses(const GraphSpec& spec, const PlayerDraft& classifier, const std::vector<PlayerDraft>& decoders,
                const std::vector<FasteningDraft>& fastenings, std::vector<Diagnostic>& found) {
  if (!spec.decoders_known || !std::all_of(fastenings.begin(), fastenings.end(), [](const FasteningDraft& fastening) {
        return fastening.complete();
      }))
    return;
  check_classifier_uses(spec, classifier, fastenings, found);
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    if (!decoders[i].player.layers.empty())
      check_decoder_uses(spec.decoders[i], i, decoders[i], fastenings, found);
  }
}

}  // namespace generalizer
