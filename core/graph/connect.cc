#include "graph/connect.h"

#include <algorithm>
#include <map>
#include <optional>

#include "graph/layer_builder.h"

namespace generalizer {
namespace {

std::string hint_for(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string near = nearest_name(name, candidates);
  return near.empty() ? "" : "did you mean \"" + near + "\"?";
}

/// Whether the name belongs to a layer that a block's use should have made: "res1/conv" where "res1" couldn't be.
bool stands_in(const LayerSpec& layer, const std::string& name) {
  return !layer.sound && !layer.name.text.empty() && name.starts_with(layer.name.text + "/");
}

/// Works in the file's order; `connect` brings the result into the running order at the end.
class Connector {
 public:
  Connector(const std::vector<LayerSpec>& layers, bool layers_known, const OutsideSources& source,
            std::vector<Diagnostic>& found)
      : layers_(layers),
        layers_known_(layers_known),
        source_(source),
        found_(found),
        operands_(layers.size()),
        sound_(layers.size(), true) {
    // Two layers of one name are reported where the file is read; which of them others mean can't be told.
    std::map<std::string, int> names;
    for (const LayerSpec& layer : layers) ++names[layer.name.text];
    for (std::size_t i = 0; i < layers.size(); ++i) sound_[i] = layers[i].sound && names[layers[i].name.text] == 1;
  }

  void find_types(const Registry& registry) {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      types_.push_back(registry.find_layer(layers_[i].type.text));
      if (types_.back() != nullptr || !layers_[i].sound) continue;
      report(i, layers_[i].type.where, "there is no layer type \"" + layers_[i].type.text + "\"",
             hint_for(layers_[i].type.text, registry.layer_names()));
    }
  }

  void find_operands() {
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      if (layers_[i].name.text == source_.word) report_reserved_name(i);
      if (layers_[i].inputs.empty()) take_what_is_before(i);
      for (const Located& input : layers_[i].inputs) {
        if (const auto operand = find(input.text)) {
          operands_[i].push_back(*operand);
        } else if (may_be_meant(input.text)) {
          sound_[i] = false;
        } else {
          report_unknown_input(i, input);
        }
      }
      if (sound_[i]) check_count(i);
    }
  }

  /// A type without inputs (a constant) takes none, the first layer all that comes from outside, every other the layer before.
  void take_what_is_before(std::size_t i) {
    if (types_[i] != nullptr && types_[i]->maximum_inputs == 0) return;
    if (i > 0) {
      operands_[i].push_back(i - 1);
      return;
    }
    if (!source_.known()) {
      sound_[i] = false;
      return;
    }
    for (std::size_t k = 0; k < source_.count(); ++k) operands_[i].push_back(GraphLayer::from_tap(k));
  }

  /// Kahn, 1962, "Topological sorting of large networks", always taking the first of the file that can run.
  std::vector<std::size_t> order() {
    std::vector<std::size_t> result;
    std::vector<bool> placed(layers_.size(), false);
    const auto ready = [&](std::size_t i) {
      return !placed[i] && std::all_of(operands_[i].begin(), operands_[i].end(), [&](std::size_t operand) {
        return outside(operand) || placed[operand];
      });
    };
    const auto next = [&] {
      std::size_t i = 0;
      while (i < layers_.size() && !ready(i)) ++i;
      return i;
    };
    for (std::size_t i = next(); i < layers_.size(); i = next()) {
      placed[i] = true;
      result.push_back(i);
    }
    if (result.size() < layers_.size()) {
      report_circles(placed);
      for (std::size_t i = 0; i < layers_.size(); ++i) {
        if (placed[i]) continue;
        sound_[i] = false;
        result.push_back(i);
      }
    }
    return result;
  }

  PlayerDraft finish(const std::string& name, const std::vector<std::size_t>& order) const {
    PlayerDraft draft;
    draft.player.name = name;
    draft.layers_known = layers_known_;
    std::vector<std::size_t> place(layers_.size());
    for (std::size_t p = 0; p < order.size(); ++p) place[order[p]] = p;
    for (const std::size_t i : order) {
      GraphLayer layer;
      layer.spec = &layers_[i];
      layer.type = types_[i];
      bool sound = sound_[i];
      for (const std::size_t operand : operands_[i]) {
        layer.inputs.push_back(outside(operand) ? operand : place[operand]);
        if (!outside(operand))
          sound = sound && place[operand] < draft.sound.size() && draft.sound[place[operand]];
      }
      draft.player.layers.push_back(std::move(layer));
      draft.sound.push_back(sound);
    }
    draft.player.output = place.back();
    return draft;
  }

 private:
  std::optional<std::size_t> find(const std::string& name) const {
    const auto layer =
        std::find_if(layers_.begin(), layers_.end(), [&](const LayerSpec& l) { return l.name.text == name; });
    if (layer != layers_.end()) return static_cast<std::size_t>(layer - layers_.begin());
    if (name == source_.word && source_.count() == 1) return GraphLayer::from_outside;
    const auto tap = std::find(source_.names.begin(), source_.names.end(), name);
    if (tap == source_.names.end()) return std::nullopt;
    return GraphLayer::from_tap(static_cast<std::size_t>(tap - source_.names.begin()));
  }

  /// Whether a name that isn't there may be right, and what it means wrong.
  bool may_be_meant(const std::string& name) const {
    return name.empty() || !layers_known_ || !source_.known() ||
           std::any_of(layers_.begin(), layers_.end(), [&](const LayerSpec& layer) { return stands_in(layer, name); });
  }

  /// `layer "sum" (add)`; by its place where it has no name.
  std::string called(std::size_t i) const {
    if (layers_[i].name.text.empty()) return "layer " + std::to_string(i + 1);
    return "layer " + describe(layers_[i]);
  }

  bool outside(std::size_t operand) const { return GraphLayer::is_outside(operand, layers_.size()); }

  void report(std::size_t layer, const SourcePosition& where, std::string message, std::string hint = {}) {
    sound_[layer] = false;
    found_.push_back({where.known() ? where : layers_[layer].where, std::move(message), std::move(hint)});
  }

  void report_reserved_name(std::size_t i) {
    const bool image = source_.word == "image";
    report(i, layers_[i].name.where,
           std::string("a layer of ") + (image ? "the classifier" : "a decoder") + " can't be called \"" +
               source_.word + "\": the name stands for what comes in from outside",
           "give the layer another name");
  }

  void report_unknown_input(std::size_t i, const Located& input) {
    std::vector<std::string> names;
    if (source_.count() == 1) names.push_back(source_.word);
    names.insert(names.end(), source_.names.begin(), source_.names.end());
    for (const LayerSpec& layer : layers_) {
      if (!layer.name.text.empty()) names.push_back(layer.name.text);
    }
    std::string hint = hint_for(input.text, names);
    if (hint.empty()) hint = "its inputs can be " + quoted_list(names);
    if (source_.word == "tap" && input.text == "image") {
      hint = source_.count() == 1 ? "a decoder sees nothing but its tap, which its layers call \"tap\""
                                  : "a decoder sees nothing but its taps " + quoted_list(source_.names);
    } else if (source_.word == "tap" && input.text == "tap") {
      hint = "the decoder has several taps: name " + quoted_list(source_.names);
    }
    report(i, input.where,
           called(i) + " takes its input from \"" + input.text +
               "\", which is no layer here",
           hint);
  }

  void check_count(std::size_t i) {
    const LayerType& type = *types_[i];
    const std::size_t count = operands_[i].size();
    if (count >= type.minimum_inputs && count <= type.maximum_inputs) return;
    std::string expected = std::to_string(type.minimum_inputs);
    if (type.maximum_inputs != type.minimum_inputs) {
      const bool open = type.maximum_inputs > layers_.size() + 1;
      expected = open ? "at least " + expected : expected + " to " + std::to_string(type.maximum_inputs);
    }
    const bool implicit = layers_[i].inputs.empty();
    const bool all_taps = implicit && i == 0 && count > 1;
    const std::string got =
        std::to_string(count) + (all_taps ? ", the decoder's taps" : implicit ? ", the one before it" : "");
    std::string hint = count < type.minimum_inputs ? "name them: inputs = [\"a\", \"b\"]" : "";
    if (all_taps && count > type.maximum_inputs) {
      hint = "put a layer before it that makes one of them, as { type = \"concat\" }, or name the one to take: inputs = [\"" +
             source_.names.front() + "\"]";
    }
    report(i, implicit ? layers_[i].where : layers_[i].inputs.front().where,
           called(i) + " takes " + expected + (expected == "1" ? " input" : " inputs") +
               " and has " + got,
           hint);
  }

  /// Every layer left over has an operand that is left over, too: going from operand to operand ends in a
  /// circle.
  void report_circles(const std::vector<bool>& placed) {
    std::vector<bool> seen(layers_.size(), false);
    for (std::size_t start = 0; start < layers_.size(); ++start) {
      std::vector<std::size_t> path;
      std::size_t at = start;
      while (!placed[at] && !seen[at]) {
        seen[at] = true;
        path.push_back(at);
        at = *std::find_if(operands_[at].begin(), operands_[at].end(),
                           [&](std::size_t o) { return !outside(o) && !placed[o]; });
      }
      const auto first = std::find(path.begin(), path.end(), at);
      if (first != path.end()) report_circle({first, path.end()});
    }
  }

  void report_circle(std::vector<std::size_t> circle) {
    std::reverse(circle.begin(), circle.end());  // from operand to reader
    std::rotate(circle.begin(), std::min_element(circle.begin(), circle.end()), circle.end());
    std::string text;
    for (const std::size_t i : circle) {
      const SourcePosition& where = layers_[i].where;
      text += (layers_[i].name.text.empty() ? called(i) : "\"" + layers_[i].name.text + "\"") +
              (where.known() ? " (line " + std::to_string(where.line) + ")" : "") + " → ";
    }
    text += layers_[circle.front()].name.text.empty() ? called(circle.front())
                                                      : "\"" + layers_[circle.front()].name.text + "\"";
    report(
        circle.front(), layers_[circle.front()].where,
        circle.size() == 1 ? "a layer takes its own output: " + text
                           : "layers take from one another in a circle: " + text,
        "a layer's inputs must lead back to the " + std::string(source_.word == "image" ? "image" : "tap"));
  }

  const std::vector<LayerSpec>& layers_;
  bool layers_known_;
  const OutsideSources& source_;
  std::vector<Diagnostic>& found_;
  std::vector<const LayerType*> types_;
  std::vector<std::vector<std::size_t>> operands_;
  std::vector<bool> sound_;
};

}  // namespace

bool OutsideSources::known() const {
  return std::none_of(names.begin(), names.end(), [](const std::string& name) { return name.empty(); });
}

bool PlayerDraft::whole() const {
  return layers_known && !sound.empty() && std::all_of(sound.begin(), sound.end(), [](bool layer) { return layer; });
}

bool PlayerDraft::may_hold(const std::string& name) const {
  return !layers_known || std::any_of(player.layers.begin(), player.layers.end(),
                                      [&](const GraphLayer& layer) { return stands_in(*layer.spec, name); });
}

PlayerDraft connect(const std::string& name, const std::vector<LayerSpec>& layers, bool layers_known,
                    const OutsideSources& source, const Registry& registry, std::vector<Diagnostic>& found) {
  if (layers.empty()) return {{name, {}, 0}, {}, layers_known};
  Connector connector(layers, layers_known, source, found);
  connector.find_types(registry);
  connector.find_operands();
  const std::vector<std::size_t> order = connector.order();
  return connector.finish(name, order);
}

std::vector<bool> needed_for(const Player& player, const std::vector<std::size_t>& wanted) {
  std::vector<bool> needed(player.layers.size(), false);
  for (const std::size_t layer : wanted) needed[layer] = true;
  for (std::size_t i = player.layers.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const std::size_t operand : player.layers[i].inputs) {
      if (!GraphLayer::is_outside(operand, player.layers.size())) needed[operand] = true;
    }
  }
  return needed;
}

}  // namespace generalizer
