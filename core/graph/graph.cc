#include "graph/graph.h"

#include <algorithm>

#include "graph/connect.h"
#include "graph/fasten.h"
#include "graph/inference.h"
#include "graph/layer_builder.h"

namespace generalizer {
namespace {

/// Players' names begin the names of variables, and these three stand for other things there.
void check_player_name(const DecoderSpec& decoder, std::vector<Diagnostic>& found) {
  const std::string& name = decoder.name.text;
  if (name != "classifier" && name != "shared" && name != "metrics" && name != "health") return;
  found.push_back({decoder.name.where.known() ? decoder.name.where : decoder.where,
                   "a decoder can't be called \"" + name +
                       "\": the name stands for something else in metrics and checkpoints",
                   "give the decoder another name"});
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

/// Whether each layer has a user. A misspelt tap leaves its true layer without one: that mistake is reported already.
void check_uses(const GraphSpec& spec, const PlayerDraft& classifier, const std::vector<PlayerDraft>& decoders,
                const std::vector<FasteningDraft>& fastenings, std::vector<Diagnostic>& found) {
  if (!std::all_of(fastenings.begin(), fastenings.end(),
                   [](const FasteningDraft& fastening) { return fastening.complete(); }))
    return;
  check_classifier_uses(spec, classifier, fastenings, found);
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    if (!decoders[i].player.layers.empty())
      check_decoder_uses(spec.decoders[i], i, decoders[i], fastenings, found);
  }
}

std::vector<std::string> texts(const std::vector<Located>& names) {
  std::vector<std::string> result;
  for (const Located& name : names) result.push_back(name.text);
  return result;
}

Fastening sound(const FasteningDraft& draft) {
  Fastening fastening{{}, *draft.target};
  for (const auto& tap : draft.taps) fastening.taps.push_back(*tap);
  return fastening;
}

/// Without a loss of its own the classifier learns from its decoders' alone.
void check_something_trains(const GraphSpec& spec, std::vector<Diagnostic>& found) {
  const bool decoder_does = std::any_of(spec.decoders.begin(), spec.decoders.end(), [](const DecoderSpec& d) {
    return d.sign != Sign::none && d.weight > 0.0;
  });
  if (spec.classifier.loss || decoder_does) return;
  found.push_back(
      {spec.classifier.where,
       "nothing trains the classifier: it has no loss, and no decoder's loss enters into it",
       "give it loss = \"cross_entropy\", or a decoder with sign = \"positive\" and a weight above 0"});
}

void sort_by_place(std::vector<Diagnostic>& found) {
  std::stable_sort(found.begin(), found.end(), [](const Diagnostic& a, const Diagnostic& b) {
    return std::pair(a.where.line, a.where.column) < std::pair(b.where.line, b.where.column);
  });
}

}  // namespace

std::size_t Player::find(const std::string& layer) const {
  const auto found = std::find_if(layers.begin(), layers.end(),
                                  [&](const GraphLayer& l) { return l.spec->name.text == layer; });
  return found == layers.end() ? GraphLayer::from_outside : static_cast<std::size_t>(found - layers.begin());
}

Graph::Graph(GraphSpec graph_spec, DataShape data, const Registry& registry)
    : spec_(std::make_unique<GraphSpec>(std::move(graph_spec))), data_(std::move(data)), registry_(registry) {
  const GraphSpec& spec = *spec_;
  std::vector<Diagnostic> found;
  check_something_trains(spec, found);
  PlayerDraft classifier =
      connect("classifier", spec.classifier.layers, spec.classifier.where, {"image", {}}, registry, found);
  std::vector<PlayerDraft> decoders;
  for (const DecoderSpec& decoder : spec.decoders) {
    check_player_name(decoder, found);
    decoders.push_back(connect(decoder.name.text, decoder.layers, decoder.where, {"tap", texts(decoder.taps)},
                               registry, found));
  }
  const std::vector<FasteningDraft> fastenings = fasten(spec.decoders, classifier, decoders, found);
  running_order_ = generalizer::running_order(spec.decoders, fastenings, found);
  check_uses(spec, classifier, decoders, fastenings, found);

  Inference inference(spec, data_, registry, found);
  inference.classifier(classifier);
  for (const std::size_t i : running_order_) {
    if (fastenings[i].complete()) inference.decoder(i, decoders[i], sound(fastenings[i]));
  }
  if (!found.empty()) {
    sort_by_place(found);
    throw GraphError(std::move(found));
  }
  classifier_ = std::move(classifier.player);
  for (PlayerDraft& decoder : decoders) decoders_.push_back(std::move(decoder.player));
  for (const FasteningDraft& draft : fastenings) fastenings_.push_back(sound(draft));
}

const Player& Graph::player_of(const Place& place) const {
  return place.of_decoder() ? decoders_[place.player] : classifier_;
}

std::string Graph::name_of(const Place& place) const {
  if (place.is_image()) return "image";
  const Player& player = player_of(place);
  const std::string& layer = player.layers[place.layer].spec->name.text;
  return place.of_decoder() ? player.name + "/" + layer : layer;
}

}  // namespace generalizer
