#include "graph/graph.h"

#include <algorithm>

#include "config/diagnostics.h"
#include "graph/connect.h"
#include "graph/ensemble.h"
#include "graph/fasten.h"
#include "graph/inference.h"
#include "graph/stabilisers.h"
#include "graph/uses.h"

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
  if (!spec.decoders_known) return;
  const bool decoder_does = std::any_of(spec.decoders.begin(), spec.decoders.end(), [](const DecoderSpec& d) {
    return d.sign != Sign::none && d.weight > 0.0;
  });
  if (spec.classifier.loss || decoder_does) return;
  found.push_back(
      {spec.classifier.where,
       "nothing trains the classifier: it has no loss, and no decoder's loss enters into it",
       "give it loss = \"cross_entropy\", or a decoder with sign = \"positive\" and a weight above 0"});
}

/// A network while it is checked.
struct NetworkDraft {
  PlayerDraft classifier;
  std::vector<PlayerDraft> decoders;
  std::vector<FasteningDraft> fastenings;
  std::vector<std::size_t> running_order;

  bool whole() const {
    return classifier.whole() &&
           std::all_of(decoders.begin(), decoders.end(), [](const PlayerDraft& d) { return d.whole(); }) &&
           std::all_of(fastenings.begin(), fastenings.end(), [](const FasteningDraft& f) { return f.complete(); });
  }
};

/// Shapes only where `data` is known.
NetworkDraft draft_network(const GraphSpec& spec, const std::optional<DataShape>& data, const Registry& registry,
                           std::vector<Diagnostic>& found) {
  NetworkDraft draft;
  check_something_trains(spec, found);
  draft.classifier = connect("classifier", spec.classifier.layers, spec.classifier.layers_known, {"image", {}},
                             registry, found);
  for (const DecoderSpec& decoder : spec.decoders) {
    check_player_name(decoder, found);
    draft.decoders.push_back(connect(decoder.name.text, decoder.layers, decoder.layers_known,
                                     {"tap", texts(decoder.taps)}, registry, found));
  }
  draft.fastenings = fasten(spec, draft.classifier, draft.decoders, found);
  draft.running_order = running_order(spec.decoders, draft.fastenings, found);
  check_uses(spec, draft.classifier, draft.decoders, draft.fastenings, found);

  Inference inference(spec, data, registry, found);
  inference.losses();
  inference.classifier(draft.classifier);
  for (const std::size_t i : draft.running_order) inference.decoder(i, draft.decoders[i], draft.fastenings[i]);
  check_member_names(spec.decoders, found);
  check_stabilisers(spec, data, draft.classifier, draft.fastenings, registry, found);
  return draft;
}

/// False for a spec that comes from another graph, whose ensembles are spelt out.
bool has_ensemble(const GraphSpec& spec) {
  const auto any = [&](auto is) { return std::any_of(spec.decoders.begin(), spec.decoders.end(), is); };
  return any([](const DecoderSpec& d) { return d.ensemble > 1; }) &&
         !any([](const DecoderSpec& d) { return !d.member_of.empty(); });
}

/// The sound network again, with each ensemble's members in the spec. Members fit where the first does, as only hidden widths differ.
NetworkDraft spell_out_ensembles(GraphSpec& spec, const NetworkDraft& draft, const DataShape& data,
                                 const Registry& registry) {
  std::vector<Player> players;
  for (const PlayerDraft& decoder : draft.decoders) players.push_back(decoder.player);
  spec.decoders = with_members(spec.decoders, players);
  std::vector<Diagnostic> found;
  NetworkDraft whole = draft_network(spec, data, registry, found);
  if (!found.empty()) throw GraphError(as_told(std::move(found), spec.file));
  return whole;
}

}  // namespace

std::size_t Player::find(const std::string& layer) const {
  const auto found = std::find_if(layers.begin(), layers.end(),
                                  [&](const GraphLayer& l) { return l.spec->name.text == layer; });
  return found == layers.end() ? GraphLayer::from_outside : static_cast<std::size_t>(found - layers.begin());
}

Graph::Graph(GraphSpec graph_spec, DataShape data, const Registry& registry)
    : spec_(std::make_unique<GraphSpec>(std::move(graph_spec))), data_(std::move(data)), registry_(registry) {
  std::vector<Diagnostic> found;
  NetworkDraft draft = draft_network(*spec_, data_, registry, found);
  if (!found.empty()) throw GraphError(as_told(std::move(found), spec_->file));
  if (!draft.whole()) throw Error("A network can't be made of a graph with mistakes or of a player without layers.");
  if (has_ensemble(*spec_)) draft = spell_out_ensembles(*spec_, draft, data_, registry);
  running_order_ = std::move(draft.running_order);
  classifier_ = std::move(draft.classifier.player);
  for (PlayerDraft& decoder : draft.decoders) decoders_.push_back(std::move(decoder.player));
  for (const FasteningDraft& fastening : draft.fastenings) fastenings_.push_back(sound(fastening));
  treatments_ = treatments_of(*spec_, classifier_.layers.size(), fastenings_);
}

std::vector<Diagnostic> mistakes_of(const GraphDraft& draft, const std::optional<DataShape>& data,
                                    const Registry& registry) {
  std::vector<Diagnostic> found;
  draft_network(draft.spec, data, registry, found);
  // Where the text itself is wrong, what the network makes of it says nothing more.
  const auto is_wrong_there = [&](const Diagnostic& of_network) {
    return std::any_of(draft.mistakes.begin(), draft.mistakes.end(),
                       [&](const Diagnostic& of_text) { return of_text.where == of_network.where; });
  };
  std::erase_if(found, is_wrong_there);
  found.insert(found.begin(), draft.mistakes.begin(), draft.mistakes.end());
  return as_told(std::move(found), draft.spec.file);
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
