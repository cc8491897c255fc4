#include "graph/graph.h"

#include <algorithm>
#include <optional>

#include "graph/connect.h"
#include "graph/inference.h"
#include "graph/layer_builder.h"

namespace generalizer {
namespace {

constexpr std::size_t outside = GraphLayer::from_outside;

/// Where a decoder is fastened to the classifier; nothing where the name was wrong.
struct Fastening {
  std::optional<std::size_t> tap;
  std::optional<std::size_t> target;  ///< `outside`: the image
};

std::vector<std::string> layer_names(const Player& player) {
  std::vector<std::string> names;
  for (const GraphLayer& layer : player.layers) names.push_back(layer.spec->name.text);
  return names;
}

std::string suggestion(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(name, candidates);
  if (!near.empty()) return "did you mean \"" + near + "\"?";
  return candidates.empty() ? "" : "there are " + quoted_list(candidates);
}

Fastening fasten(const DecoderSpec& decoder, const Player& classifier, std::vector<Diagnostic>& found) {
  Fastening result;
  std::vector<std::string> names = layer_names(classifier);
  if (const std::size_t tap = classifier.find(decoder.taps.front().text); tap != outside) {
    result.tap = tap;
  } else {
    found.push_back({decoder.taps.front().where.known() ? decoder.taps.front().where : decoder.where,
                     "the decoder \"" + decoder.name.text + "\" taps \"" + decoder.taps.front().text +
                         "\", which is no layer of the classifier",
                     decoder.taps.front().text == "image"
                         ? "the image itself can't be tapped; name a layer that takes it"
                         : suggestion(decoder.taps.front().text, names)});
  }
  if (decoder.target.text == "image") {
    result.target = outside;
  } else if (const std::size_t target = classifier.find(decoder.target.text); target != outside) {
    result.target = target;
  } else {
    names.insert(names.begin(), "image");
    found.push_back({decoder.target.where.known() ? decoder.target.where : decoder.where,
                     "the decoder \"" + decoder.name.text + "\" has the target \"" + decoder.target.text +
                         "\", which is neither \"image\" nor a layer of the classifier",
                     suggestion(decoder.target.text, names)});
  }
  return result;
}

/// Players' names begin the names of variables, and these three stand for other things there.
void check_player_name(const DecoderSpec& decoder, std::vector<Diagnostic>& found) {
  const std::string& name = decoder.name.text;
  if (name != "classifier" && name != "shared" && name != "metrics" && name != "health") return;
  found.push_back({decoder.name.where.known() ? decoder.name.where : decoder.where,
                   "a decoder can't be called \"" + name +
                       "\": the name stands for something else in metrics and checkpoints",
                   "give the decoder another name"});
}

void check_classifier_uses(const GraphSpec& spec, const PlayerDraft& classifier,
                           const std::vector<Fastening>& fastenings, std::vector<Diagnostic>& found) {
  std::vector<std::size_t> used;
  if (spec.classifier.loss) used.push_back(classifier.player.output);
  for (const Fastening& f : fastenings) {
    // A misspelt tap or an input that isn't there leaves its true layer without a user: that mistake is reported already.
    if (!f.tap || !f.target) return;
    used.push_back(*f.tap);
    if (*f.target != outside) used.push_back(*f.target);
  }
  report_unused(classifier, used,
                spec.classifier.loss
                    ? "no layer takes it, no decoder taps it or has it as target, and it is not the last"
                    : "no layer takes it, no decoder taps it or has it as target, and without a loss the "
                      "classifier's last layer serves its decoders alone",
                found);
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
  return found == layers.end() ? outside : static_cast<std::size_t>(found - layers.begin());
}

Graph::Graph(GraphSpec graph_spec, DataShape data, const Registry& registry)
    : spec_(std::make_unique<GraphSpec>(std::move(graph_spec))), data_(std::move(data)), registry_(registry) {
  const GraphSpec& spec = *spec_;
  std::vector<Diagnostic> found;
  check_something_trains(spec, found);
  PlayerDraft classifier =
      connect("classifier", spec.classifier.layers, spec.classifier.where, {"image", ""}, registry, found);

  std::vector<Fastening> fastenings;
  std::vector<PlayerDraft> decoders;
  for (const DecoderSpec& decoder : spec.decoders) {
    check_player_name(decoder, found);
    fastenings.push_back(fasten(decoder, classifier.player, found));
    decoders.push_back(connect(decoder.name.text, decoder.layers, decoder.where, {"tap", decoder.taps.front().text},
                               registry, found));
    report_unused(decoders.back(), {decoders.back().player.output},
                  "no layer takes it, and it is not the decoder's last", found);
  }
  check_classifier_uses(spec, classifier, fastenings, found);

  Inference inference(spec, data_, registry, found);
  inference.classifier(classifier);
  for (std::size_t i = 0; i < decoders.size(); ++i) {
    const Fastening& f = fastenings[i];
    if (f.tap && f.target) inference.decoder(spec.decoders[i], decoders[i], classifier, *f.tap, *f.target);
  }
  if (!found.empty()) {
    sort_by_place(found);
    throw GraphError(std::move(found));
  }
  classifier_ = std::move(classifier.player);
  for (PlayerDraft& decoder : decoders) decoders_.push_back(std::move(decoder.player));
}

}  // namespace generalizer
