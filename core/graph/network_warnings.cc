#include <algorithm>
#include <set>
#include <utility>

#include "graph/warnings.h"

namespace generalizer {
namespace {

bool is_trained(const GraphLayer& layer) {
  return layer.weights > 0 && !layer.spec->freeze && layer.spec->learning_rate_factor > 0.0;
}

bool is_trained(const Player& player) {
  return std::any_of(player.layers.begin(), player.layers.end(),
                     [](const GraphLayer& layer) { return is_trained(layer); });
}

/// Goes from a decoder's output against the direction of the data, as its gradient does.
class Gradient {
 public:
  explicit Gradient(const Graph& graph) : graph_(graph) {}

  /// Whether it comes to a weight of the classifier that is trained.
  bool reaches_classifier(std::size_t decoder) {
    return reaches({decoder, graph_.decoders()[decoder].output});
  }

 private:
  bool reaches(const Place& place) {
    if (place.is_image() || !seen_.insert({place.player, place.layer}).second) return false;
    const Player& player = graph_.player_of(place);
    const GraphLayer& layer = player.layers[place.layer];
    if (layer.spec->type.text == "stop_gradient") return false;
    if (!place.of_decoder() && is_trained(layer)) return true;
    return std::any_of(layer.inputs.begin(), layer.inputs.end(), [&](std::size_t operand) {
      if (!GraphLayer::is_outside(operand, player.layers.size())) return reaches({place.player, operand});
      return place.of_decoder() && reaches(graph_.fastenings()[place.player].taps[GraphLayer::tap_of(operand)]);
    });
  }

  const Graph& graph_;
  std::set<std::pair<std::size_t, std::size_t>> seen_;
};

std::string taps_of(const DecoderSpec& decoder) {
  std::string text = decoder.taps.size() == 1 ? "its tap " : "its taps ";
  for (const Located& tap : decoder.taps) text += (&tap == &decoder.taps.front() ? "\"" : ", \"") + tap.text + "\"";
  return text;
}

}  // namespace

std::vector<Diagnostic> warnings_of(const Graph& graph) {
  const GraphSpec& spec = graph.spec();
  std::vector<Diagnostic> found;
  const bool classifier_trains = is_trained(graph.classifier());
  if (!classifier_trains) {
    found.push_back({spec.classifier.where,
                     "nothing of the classifier is trained: each of its layers has no weights or keeps them as they begin",
                     "leave freeze out of a layer, or give the classifier one with weights"});
  }
  for (std::size_t i = 0; i < spec.decoders.size(); ++i) {
    const DecoderSpec& decoder = spec.decoders[i];
    if (!decoder.member_of.empty()) continue;
    const bool works_on_classifier = decoder.sign != Sign::none && decoder.weight > 0.0;
    if (works_on_classifier && classifier_trains && !Gradient(graph).reaches_classifier(i)) {
      const SourcePosition& tap = decoder.taps.front().where;
      found.push_back({tap.known() ? tap : decoder.where,
                       "the loss of the decoder \"" + decoder.name.text +
                           "\" enters the classifier's and changes nothing there: no weight that is trained lies between " +
                           "the image and " + taps_of(decoder),
                       "tap a later layer, or leave out the freeze or stop_gradient before it; sign = \"none\" says that "
                       "the decoder only watches"});
    }
    if (decoder.sign == Sign::none && !is_trained(graph.decoders()[i])) {
      found.push_back({decoder.where,
                       "the decoder \"" + decoder.name.text +
                           "\" only watches, and has no weights to learn with: each of its layers has none or keeps them "
                           "as they begin",
                       "leave freeze out of a layer, or give the decoder one with weights"});
    }
  }
  return found;
}

}  // namespace generalizer
