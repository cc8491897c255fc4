#include "graph/fasten.h"

#include <algorithm>

#include "graph/layer_builder.h"

namespace generalizer {
namespace {

std::optional<std::size_t> layer_called(const PlayerDraft& draft, const std::string& name) {
  const std::size_t layer = draft.player.find(name);
  if (layer == GraphLayer::from_outside) return std::nullopt;
  return layer;
}

class Fastener {
 public:
  Fastener(bool decoders_known, const PlayerDraft& classifier, const std::vector<PlayerDraft>& decoders,
           std::vector<Diagnostic>& found)
      : decoders_known_(decoders_known), classifier_(classifier), decoders_(decoders), found_(found) {}

  FasteningDraft fasten(const DecoderSpec& decoder) {
    FasteningDraft draft;
    for (const Located& tap : decoder.taps) draft.taps.push_back(find_tap(decoder, tap));
    report_repeated(decoder);
    draft.target = find_target(decoder);
    return draft;
  }

 private:
  std::optional<Place> find(const std::string& name) const {
    if (const auto layer = layer_called(classifier_, name)) return Place{Place::classifier, *layer};
    for (std::size_t i = 0; i < decoders_.size(); ++i) {
      const Player& player = decoders_[i].player;
      if (player.name == name && !player.layers.empty()) return Place{i, player.output};
    }
    for (std::size_t i = 0; i < decoders_.size(); ++i) {
      const std::string prefix = decoders_[i].player.name + "/";
      if (!name.starts_with(prefix)) continue;
      if (const auto layer = layer_called(decoders_[i], name.substr(prefix.size()))) return Place{i, *layer};
    }
    return std::nullopt;
  }

  /// Whether a name that isn't there may be right, and what it means wrong.
  bool may_be_meant(const std::string& name) const {
    return name.empty() || !decoders_known_ || classifier_.may_hold(name) ||
           std::any_of(decoders_.begin(), decoders_.end(), [&](const PlayerDraft& decoder) {
             const std::string prefix = decoder.player.name + "/";
             return name == decoder.player.name ||
                    (name.starts_with(prefix) && decoder.may_hold(name.substr(prefix.size())));
           });
  }

  std::optional<Place> find_tap(const DecoderSpec& decoder, const Located& tap) {
    if (const auto place = find(tap.text)) return place;
    if (may_be_meant(tap.text)) return std::nullopt;
    const std::string others = decoders_.size() > 1 ? ", nor another decoder or \"DECODER/LAYER\" in one" : "";
    report(decoder, tap,
           "the decoder \"" + decoder.name.text + "\" taps \"" + tap.text +
               "\", which is no layer of the classifier" + others,
           tap.text == "image" ? "the image itself can't be tapped; name a layer that takes it"
                               : suggestion(tap.text, decoder, {}));
    return std::nullopt;
  }

  std::optional<Place> find_target(const DecoderSpec& decoder) {
    const Located& target = decoder.target;
    if (target.text == "image") return Place{};
    if (const auto place = find(target.text)) return place;
    if (may_be_meant(target.text)) return std::nullopt;
    const std::string others = decoders_.size() > 1 ? ", nor another decoder or \"DECODER/LAYER\" in one" : "";
    report(decoder, target,
           "the decoder \"" + decoder.name.text + "\" has the target \"" + target.text +
               "\", which is neither \"image\" nor a layer of the classifier" + others,
           suggestion(target.text, decoder, {"image"}));
    return std::nullopt;
  }

  void report_repeated(const DecoderSpec& decoder) {
    for (auto tap = decoder.taps.begin(); tap != decoder.taps.end(); ++tap) {
      if (tap->text.empty() || std::find(decoder.taps.begin(), tap, *tap) == tap) continue;
      report(decoder, *tap, "the decoder \"" + decoder.name.text + "\" taps \"" + tap->text + "\" twice",
             "name each tap once; `inputs` of its layers may use it as often as you like");
    }
  }

  /// The nearest of all names; where none is near, the names of the classifier's layers and of the other decoders.
  std::string suggestion(const std::string& name, const DecoderSpec& decoder,
                         std::vector<std::string> names) const {
    for (const GraphLayer& layer : classifier_.player.layers) {
      if (!layer.spec->name.text.empty()) names.push_back(layer.spec->name.text);
    }
    for (const PlayerDraft& other : decoders_) {
      if (other.player.name != decoder.name.text) names.push_back(other.player.name);
    }
    std::vector<std::string> all = names;
    for (const PlayerDraft& other : decoders_) {
      if (other.player.name == decoder.name.text) continue;
      for (const GraphLayer& layer : other.player.layers)
        all.push_back(other.player.name + "/" + layer.spec->name.text);
    }
    const std::string near = nearest_name(name, all);
    if (!near.empty()) return "did you mean \"" + near + "\"?";
    return names.empty() ? "" : "there are " + quoted_list(names);
  }

  void report(const DecoderSpec& decoder, const Located& name, std::string message, std::string hint) {
    found_.push_back(
        {name.where.known() ? name.where : decoder.where, std::move(message), std::move(hint)});
  }

  bool decoders_known_;
  const PlayerDraft& classifier_;
  const std::vector<PlayerDraft>& decoders_;
  std::vector<Diagnostic>& found_;
};

/// The decoders that a decoder waits for.
std::vector<std::size_t> needs(const FasteningDraft& fastening) {
  std::vector<std::size_t> decoders;
  for (const auto& tap : fastening.taps) {
    if (tap && tap->of_decoder()) decoders.push_back(tap->player);
  }
  if (fastening.target && fastening.target->of_decoder()) decoders.push_back(fastening.target->player);
  return decoders;
}

/// `"fine" (line 9) → "coarse" (line 20) → "fine"`, from the one that is fed to the one that feeds it.
void report_circle(const std::vector<DecoderSpec>& decoders, std::vector<std::size_t> circle,
                   std::vector<Diagnostic>& found) {
  std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
  const DecoderSpec& first = decoders[circle.front()];
  if (circle.size() == 1) {
    found.push_back({first.where,
                     "the decoder \"" + first.name.text + "\" taps itself, or has itself as target",
                     "tap a layer of the classifier or another decoder; its own layers name one another in `inputs`"});
    return;
  }
  std::string text;
  for (const std::size_t i : circle) {
    const SourcePosition& where = decoders[i].where;
    text += "\"" + decoders[i].name.text + "\"" +
            (where.known() ? " (line " + std::to_string(where.line) + ")" : "") + " → ";
  }
  found.push_back({first.where,
                   "decoders tap one another, or have one another as target, in a circle: " + text + "\"" +
                       first.name.text + "\"",
                   "one of them must take nothing from the others"});
}

/// Every decoder left over needs one that is left over: going on from need to need ends in a circle.
void report_circles(const std::vector<DecoderSpec>& decoders, const std::vector<FasteningDraft>& fastenings,
                    const std::vector<bool>& placed, std::vector<Diagnostic>& found) {
  std::vector<bool> seen(decoders.size(), false);
  for (std::size_t start = 0; start < decoders.size(); ++start) {
    std::vector<std::size_t> path;
    std::size_t at = start;
    while (!placed[at] && !seen[at]) {
      seen[at] = true;
      path.push_back(at);
      const std::vector<std::size_t> needed = needs(fastenings[at]);
      at = *std::find_if(needed.begin(), needed.end(), [&](std::size_t i) { return !placed[i]; });
    }
    const auto first = std::find(path.begin(), path.end(), at);
    if (first != path.end()) report_circle(decoders, {first, path.end()}, found);
  }
}

}  // namespace

bool FasteningDraft::complete() const {
  return target.has_value() &&
         std::all_of(taps.begin(), taps.end(), [](const auto& tap) { return tap.has_value(); });
}

std::vector<FasteningDraft> fasten(const GraphSpec& spec, const PlayerDraft& classifier,
                                   const std::vector<PlayerDraft>& drafts, std::vector<Diagnostic>& found) {
  Fastener fastener(spec.decoders_known, classifier, drafts, found);
  std::vector<FasteningDraft> fastenings;
  for (const DecoderSpec& decoder : spec.decoders) fastenings.push_back(fastener.fasten(decoder));
  return fastenings;
}

std::vector<std::size_t> running_order(const std::vector<DecoderSpec>& decoders,
                                       const std::vector<FasteningDraft>& fastenings,
                                       std::vector<Diagnostic>& found) {
  std::vector<std::size_t> order;
  std::vector<bool> placed(decoders.size(), false);
  const auto ready = [&](std::size_t i) {
    const std::vector<std::size_t> needed = needs(fastenings[i]);
    return !placed[i] && std::all_of(needed.begin(), needed.end(), [&](std::size_t n) { return placed[n]; });
  };
  const auto next = [&] {
    std::size_t i = 0;
    while (i < decoders.size() && !ready(i)) ++i;
    return i;
  };
  for (std::size_t i = next(); i < decoders.size(); i = next()) {
    placed[i] = true;
    order.push_back(i);
  }
  if (order.size() < decoders.size()) report_circles(decoders, fastenings, placed, found);
  return order;
}

}  // namespace generalizer
