#include "config/blocks.h"

#include <algorithm>
#include <map>
#include <set>

#include "config/block_use.h"
#include "config/names.h"
#include "config/nodes.h"
#include "config/quote.h"

namespace generalizer {
namespace {

using Kind = TomlNode::Kind;
using Nodes = std::vector<TomlNode>;

/// More layers than any network has: what lies beyond is a mistake.
constexpr std::size_t kMostLayers = 10000;

std::string place(const SourcePosition& where) {
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

/// Every place under `node` says where the block is used.
void set_context(TomlNode& node, const std::string& context) {
  if (node.where.context.empty()) node.where.context = context;
  for (TomlNode& item : node.items) set_context(item, context);
  for (TomlEntry& entry : node.entries) {
    if (entry.where.context.empty()) entry.where.context = context;
    set_context(entry.value, context);
  }
}

/// Full names inside a block: the layer's own and those of its inputs. `own`: what the block's layers are called in it; `outside`: what it is given.
void name_inside(TomlNode& layer, const std::string& name, const std::string& prefix, const std::vector<std::string>& own,
                 const Nodes& outside) {
  const TomlEntry* given = layer.find("name");
  if (given == nullptr || given->value.is(Kind::string))
    put(layer, "name", string_node(name, given != nullptr ? given->value.where : layer.where));
  TomlEntry* inputs = layer.find("inputs");
  if (inputs == nullptr) return;
  for (TomlNode& input : inputs->value.items) {
    if (!input.is(Kind::string)) continue;
    // "a" is the block's own layer, and so is "a/b", a layer of a block in it.
    if (std::find(own.begin(), own.end(), input.string.substr(0, input.string.find('/'))) != own.end()) {
      input.string = prefix + input.string;
      continue;
    }
    for (std::size_t k = 0; k < outside.size(); ++k) {
      if (input.string != "input" + std::to_string(k + 1) && (k > 0 || input.string != "input")) continue;
      input.string = outside[k].string;
      break;
    }
  }
}

/// Expands the list of one player; what other places call its layers is known afterwards.
class Expansion {
 public:
  Expansion(const std::map<std::string, Block>& blocks, const TableContext& context) : blocks_(blocks), context_(context) {}

  /// `first` is what the player's first layer takes: "image", "tap", or several taps.
  void player(TomlNode& layers, const Nodes& first) {
    layers.items = expand(layers, "", first, {first, true}, {});
    if (!full()) return;
    context_.found.add(outermost_, "blocks make more than " + std::to_string(kMostLayers) + " layers here",
                       "a smaller repeat, or fewer blocks in a block, make fewer");
    layers.kind = Kind::boolean;  // no list at all, and nothing more to say of it
    layers = reported(std::move(layers));
  }

  /// The layer that a name means: a block's stands for its last layer.
  std::string resolved(std::string name) const {
    for (auto alias = aliases_.find(name); alias != aliases_.end(); alias = aliases_.find(name)) name = alias->second;
    return name;
  }

 private:
  bool full() const { return made_ > kMostLayers; }

  /// The layers of `list` with full names, blocks replaced. `outside`: what the list's "input", "input2", … are; `first`: what its first layer takes.
  Nodes expand(const TomlNode& list, const std::string& prefix, const Nodes& outside, const Feed& first,
               const std::map<std::string, TomlNode>& common) {
    Nodes result;
    Feed feed = first;
    std::vector<std::string> own;
    for (std::size_t i = 0; i < list.items.size(); ++i) own.push_back(layer_name(list, i));
    for (std::size_t i = 0; i < list.items.size() && !full(); ++i) {
      TomlNode layer = list.items[i];
      const std::string name = own[i].empty() ? own[i] : prefix + own[i];
      if (!prefix.empty()) name_inside(layer, name, prefix, own, outside);
      const auto block = blocks_.find(text_of(layer, "type"));
      if (block != blocks_.end()) {
        for (TomlNode& inner : use(block->second, layer, name, feed, common)) result.push_back(std::move(inner));
      } else {
        if (layer.find("inputs") == nullptr && !feed.before) put(layer, "inputs", list_node(feed.names, layer.where));
        for (const auto& [key, value] : common) {
          if (layer.find(key) == nullptr) put(layer, key, value);
        }
        result.push_back(std::move(layer));
        if (!open_.empty()) ++made_;
      }
      feed = {{string_node(name, layer.where)}, true};
    }
    return result;
  }

  /// What stands in the place of a layer of a block's type.
  Nodes use(const Block& block, const TomlNode& layer, const std::string& name, const Feed& feed,
            const std::map<std::string, TomlNode>& common) {
    if (open_.empty()) outermost_ = layer.where;
    if (block.layers == nullptr) return placeholder(layer, block, name);
    if (std::find(open_.begin(), open_.end(), block.name) != open_.end()) {
      context_.found.add(layer.find("type")->value.where,
                         "the block " + quoted(block.name) + " holds itself: " + listed_in_quotes(open_),
                         "a block may use others, but no circle of them");
      return placeholder(layer, block, name);
    }
    const BlockUse read = read_block_use(block, layer, name, feed, common, context_);
    if (!read.sound) return placeholder(layer, block, name);
    TomlNode inner = layers_with(read.values, block, context_.found);
    set_context(inner, "in the block " + quoted(block.name) + ", used at " + place(layer.where) +
                           (layer.where.context.empty() ? "" : ", " + layer.where.context));
    open_.push_back(block.name);
    Nodes result = copies(inner, read);
    open_.pop_back();
    return result;
  }

  Nodes placeholder(const TomlNode& layer, const Block& block, const std::string& name) {
    ++made_;
    return {placeholder_for(layer, block, name)};
  }

  /// The use's layers as often as it says, one copy after the other.
  Nodes copies(const TomlNode& inner, const BlockUse& use) {
    Nodes result;
    Feed feed = use.feed;
    for (std::int64_t k = 1; k <= use.repeat.value_or(1) && !full(); ++k) {
      const std::string name = use.repeat ? use.name + "/" + std::to_string(k) : use.name;
      for (TomlNode& layer : expand(inner, name + "/", feed.names, feed, use.common)) result.push_back(std::move(layer));
      if (result.empty()) return result;
      aliases_[name] = text_of(result.back(), "name");
      // The next copy takes this one, and what else the block is given.
      feed.names.front() = string_node(name, inner.where);
      feed.before = feed.names.size() == 1;
    }
    if (use.repeat && !result.empty()) aliases_[use.name] = text_of(result.back(), "name");
    return result;
  }

  const std::map<std::string, Block>& blocks_;
  const TableContext& context_;
  std::map<std::string, std::string> aliases_;
  std::vector<std::string> open_;
  SourcePosition outermost_;  ///< the use in the player's own list that is being replaced
  std::size_t made_ = 0;
};

/// The player's layers; null when they are no list of tables, which is reported elsewhere.
TomlNode* layers_of(TomlNode& player) {
  TomlEntry* layers = player.is(Kind::table) ? player.find("layers") : nullptr;
  return layers != nullptr && layers->value.is_list_of_tables() ? &layers->value : nullptr;
}

/// The names under `tap`: one or several.
Nodes taps_of(const TomlNode& decoder) {
  const TomlEntry* tap = decoder.find("tap");
  if (tap == nullptr) return {};
  return tap->value.is(Kind::list) ? tap->value.items : Nodes{tap->value};
}

/// All of a graph's players: what one calls another's layers is renamed when all are expanded.
class Players {
 public:
  Players(TomlNode& root, const std::map<std::string, Block>& blocks, const TableContext& context)
      : classifier_(blocks, context) {
    if (TomlEntry* player = root.find("classifier")) {
      if (TomlNode* layers = layers_of(player->value)) {
        classifier_.player(*layers, {string_node("image", layers->where)});
        for (TomlNode& layer : layers->items) {
          classifier_names_.insert(text_of(layer, "name"));
          rename_inputs(layer, classifier_, {});
        }
      }
    }
    TomlEntry* decoders = root.find("decoder");
    if (decoders == nullptr || !decoders->value.is_list_of_tables()) return;
    for (std::size_t i = 0; i < decoders->value.items.size(); ++i) {
      TomlNode& decoder = decoders->value.items[i];
      const Nodes taps = taps_of(decoder);
      Expansion& expansion = decoders_.emplace(decoder_name(decoders->value, i), Expansion(blocks, context)).first->second;
      if (TomlNode* layers = layers_of(decoder))
        expansion.player(*layers, taps.size() > 1 ? taps : Nodes{string_node("tap", layers->where)});
    }
    for (std::size_t i = 0; i < decoders->value.items.size(); ++i)
      rename(decoders->value.items[i], decoders_.at(decoder_name(decoders->value, i)));
  }

 private:
  /// The layer that a tap or a target names: the classifier's where there is one of that name.
  std::string resolved(const std::string& name) const {
    const std::string in_classifier = classifier_.resolved(name);
    if (in_classifier != name || classifier_names_.contains(name)) return in_classifier;
    const std::size_t slash = name.find('/');
    const auto decoder = decoders_.find(name.substr(0, slash));
    if (slash == std::string::npos || decoder == decoders_.end()) return name;
    return decoder->first + "/" + decoder->second.resolved(name.substr(slash + 1));
  }

  /// A decoder's taps and target, and what its layers call its taps.
  void rename(TomlNode& decoder, const Expansion& own) const {
    std::map<std::string, std::string> taps;
    for (const TomlNode& tap : taps_of(decoder)) taps[tap.string] = resolved(tap.string);
    for (const char* key : {"tap", "target"}) {
      TomlEntry* reference = decoder.find(key);
      if (reference == nullptr) continue;
      if (reference->value.is(Kind::string)) reference->value.string = resolved(reference->value.string);
      for (TomlNode& item : reference->value.items) item.string = resolved(item.string);
    }
    if (TomlNode* layers = layers_of(decoder)) {
      for (TomlNode& layer : layers->items) rename_inputs(layer, own, taps);
    }
  }

  static void rename_inputs(TomlNode& layer, const Expansion& own, const std::map<std::string, std::string>& taps) {
    TomlEntry* inputs = layer.find("inputs");
    if (inputs == nullptr) return;
    for (TomlNode& input : inputs->value.items) {
      const std::string in_player = own.resolved(input.string);
      const auto tap = taps.find(input.string);
      input.string = in_player == input.string && tap != taps.end() ? tap->second : in_player;
    }
  }

  Expansion classifier_;
  std::set<std::string> classifier_names_;
  std::map<std::string, Expansion> decoders_;
};

}  // namespace

void expand_blocks(TomlNode& root, const Registry& registry, const TableContext& context) {
  const TomlEntry* entry = root.find("blocks");
  if (entry == nullptr) return;
  const TomlNode table = entry->value;  // blocks point into it
  if (!table.is(Kind::table)) {
    if (!table.broken)
      context.found.add(table.where, "\"blocks\" must hold tables, found " + describe(table), "write [blocks.NAME]");
    return;
  }
  const std::map<std::string, Block> blocks = read_blocks(table, registry, context.found);
  Players(root, blocks, context);
}

std::vector<std::string> block_names(const TomlNode& root) {
  std::vector<std::string> names;
  if (const TomlEntry* blocks = root.find("blocks")) {
    for (const TomlEntry& block : blocks->value.entries) names.push_back(block.key);
  }
  return names;
}

}  // namespace generalizer
