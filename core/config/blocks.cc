#include "config/blocks.h"

#include <algorithm>
#include <map>

#include "config/names.h"
#include "config/quote.h"

namespace generalizer {
namespace {

using Kind = TomlNode::Kind;

std::string place(const SourcePosition& where) {
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

TomlNode string_node(const std::string& text, const SourcePosition& where) {
  TomlNode node;
  node.kind = Kind::string;
  node.string = text;
  node.where = where;
  node.expanded = true;
  return node;
}

std::string text_of(const TomlNode& table, const std::string& key) {
  const TomlEntry* entry = table.find(key);
  return entry != nullptr && entry->value.is(Kind::string) ? entry->value.string : std::string();
}

void put(TomlNode& table, const std::string& key, TomlNode value) {
  if (TomlEntry* entry = table.find(key)) {
    entry->value = std::move(value);
  } else {
    const SourcePosition where = value.where;
    table.entries.push_back({key, where, std::move(value)});
  }
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

std::string listed(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + quoted(name);
  return text.empty() ? "none" : text;
}

/// A value that nothing more is to be said of.
TomlNode reported(TomlNode value) {
  value.broken = true;
  return value;
}

/// What stands in the place of a block's use whose layers couldn't be made: a layer whose mistake has been reported.
TomlNode placeholder(const TomlNode& layer, const std::string& name) {
  TomlNode node;
  node.where = layer.where;
  node.broken = true;
  put(node, "name", string_node(name, layer.where));
  for (const char* key : {"type", "inputs"}) {
    if (const TomlEntry* entry = layer.find(key)) put(node, key, entry->value);
  }
  return node;
}

/// A block as it is written, and what may be given to it.
struct Block {
  std::string name;
  const TomlNode* layers = nullptr;  ///< null when they have a mistake that has been reported
  std::map<std::string, TomlNode> defaults;
  std::vector<std::string> parameters;  ///< all, those with a default first
};

/// Expands the lists of one player; what other places call its layers is known afterwards.
class Expansion {
 public:
  Expansion(const std::map<std::string, Block>& blocks, Diagnostics& found) : blocks_(blocks), found_(found) {}

  /// `first` is what the player's first layer takes: "image" or "tap".
  void player(TomlNode& layers, const std::string& first) {
    layers.items = expand(layers, "", {first});
    for (TomlNode& layer : layers.items) rename_inputs(layer);
  }

  /// The layer that a name means: a block's stands for its last layer.
  std::string resolved(std::string name) const {
    for (auto alias = aliases_.find(name); alias != aliases_.end(); alias = aliases_.find(name)) name = alias->second;
    return name;
  }

  void rename(TomlNode& reference) const {
    if (reference.is(Kind::string)) reference.string = resolved(reference.string);
    for (TomlNode& item : reference.items) rename(item);
  }

 private:
  void rename_inputs(TomlNode& layer) const {
    if (TomlEntry* inputs = layer.find("inputs")) rename(inputs->value);
  }

  /// The layers of `list` with full names, blocks replaced. `outside`: what the list's "input", "input2", … are.
  std::vector<TomlNode> expand(const TomlNode& list, const std::string& prefix, const std::vector<std::string>& outside) {
    std::vector<TomlNode> result;
    std::string previous = outside.empty() ? std::string() : outside.front();
    std::vector<std::string> own;
    for (std::size_t i = 0; i < list.items.size(); ++i) own.push_back(layer_name(list, i));
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      TomlNode layer = list.items[i];
      const std::string name = own[i].empty() ? own[i] : prefix + own[i];
      if (!prefix.empty()) name_inside(layer, name, prefix, own, outside);
      const auto block = blocks_.find(text_of(layer, "type"));
      if (block == blocks_.end() || name.empty()) {
        result.push_back(std::move(layer));
      } else {
        for (TomlNode& inner : use(block->second, layer, name, previous)) result.push_back(std::move(inner));
      }
      previous = resolved(name);
    }
    return result;
  }

  /// Full names inside a block: the layer's own and those of its inputs.
  static void name_inside(TomlNode& layer, const std::string& name, const std::string& prefix,
                          const std::vector<std::string>& own, const std::vector<std::string>& outside) {
    const TomlEntry* given = layer.find("name");
    put(layer, "name", string_node(name, given != nullptr ? given->value.where : layer.where));
    TomlEntry* inputs = layer.find("inputs");
    if (inputs == nullptr) return;
    for (TomlNode& input : inputs->value.items) {
      if (!input.is(Kind::string)) continue;
      if (std::find(own.begin(), own.end(), input.string) != own.end()) {
        input.string = prefix + input.string;
        continue;
      }
      for (std::size_t k = 0; k < outside.size(); ++k) {
        const bool first = k == 0 && (input.string == "input" || input.string == "input1");
        if (first || input.string == "input" + std::to_string(k + 1)) {
          input.string = outside[k];
          break;
        }
      }
    }
  }

  /// What stands in the place of a layer of a block's type.
  std::vector<TomlNode> use(const Block& block, const TomlNode& layer, const std::string& name,
                            const std::string& previous) {
    const TomlEntry* type = layer.find("type");
    if (block.layers == nullptr) return {placeholder(layer, name)};
    if (std::find(open_.begin(), open_.end(), block.name) != open_.end()) {
      found_.add(type->value.where, "the block " + quoted(block.name) + " holds itself: " + listed(open_),
                 "a block may use others, but no circle of them");
      return {placeholder(layer, name)};
    }
    const std::map<std::string, TomlNode> values = values_of(block, layer, name);
    TomlNode inner = *block.layers;
    for (TomlNode& item : inner.items) substitute(item, block, values);
    set_context(inner, "in the block " + quoted(block.name) + ", used at " + place(layer.where) +
                           (layer.where.context.empty() ? "" : ", " + layer.where.context));
    std::vector<std::string> inputs;
    const TomlEntry* given = layer.find("inputs");
    if (given != nullptr) {
      for (const TomlNode& input : given->value.items) inputs.push_back(resolved(input.string));
    } else {
      inputs.push_back(previous);
    }
    open_.push_back(block.name);
    std::vector<TomlNode> result = expand(inner, name + "/", inputs);
    open_.pop_back();
    if (given != nullptr && result.front().find("inputs") == nullptr) put(result.front(), "inputs", given->value);
    aliases_[name] = text_of(result.back(), "name");
    return result;
  }

  std::map<std::string, TomlNode> values_of(const Block& block, const TomlNode& layer, const std::string& name) {
    std::map<std::string, TomlNode> values = block.defaults;
    for (const TomlEntry& entry : layer.entries) {
      if (entry.key == "name" || entry.key == "type" || entry.key == "inputs") continue;
      if (std::find(block.parameters.begin(), block.parameters.end(), entry.key) == block.parameters.end()) {
        const std::string near = nearest_name(entry.key, block.parameters);
        found_.add(entry.where,
                   "the block " + quoted(block.name) + " has no parameter " + quoted(entry.key) +
                       (near.empty() ? "" : "; did you mean " + quoted(near) + "?"),
                   "its parameters: " + listed(block.parameters));
        if (!near.empty()) values[near] = reported(entry.value);  // neither missing nor its default
        continue;
      }
      values[entry.key] = entry.value;
    }
    for (const std::string& parameter : block.parameters) {
      if (values.contains(parameter)) continue;
      found_.add(layer.where,
                 "layer " + quoted(name) + " doesn't give " + quoted(parameter) + ", which the block " +
                     quoted(block.name) + " requires",
                 "write { type = " + quoted(block.name) + ", " + parameter + " = … }");
    }
    return values;
  }

  /// "$filters" becomes the parameter's value. No other string inside a block may begin with "$".
  void substitute(TomlNode& node, const Block& block, const std::map<std::string, TomlNode>& values) {
    for (TomlNode& item : node.items) substitute(item, block, values);
    for (TomlEntry& entry : node.entries) substitute(entry.value, block, values);
    if (!node.is(Kind::string) || !node.string.starts_with("$")) return;
    const std::string name = node.string.substr(1);
    if (const auto value = values.find(name); value != values.end()) {
      const SourcePosition where = node.where;
      node = value->second;
      if (!node.where.known()) node.where = where;
      return;
    }
    if (std::find(block.parameters.begin(), block.parameters.end(), name) != block.parameters.end()) {
      node.broken = true;  // its missing value has been reported
      return;
    }
    const std::string near = nearest_name(name, block.parameters);
    found_.add(node.where,
               quoted(node.string) + " stands for no parameter of the block " + quoted(block.name) +
                   (near.empty() ? "" : "; did you mean " + quoted("$" + near) + "?"),
               "its parameters: " + listed(block.parameters));
    node.broken = true;
  }

  const std::map<std::string, Block>& blocks_;
  Diagnostics& found_;
  std::map<std::string, std::string> aliases_;
  std::vector<std::string> open_;
};

/// Reads one [blocks.NAME]; nothing, and a report, when it is no block.
bool read_block(const TomlEntry& entry, const Registry& registry, Diagnostics& found, Block& block) {
  block.name = entry.key;
  const std::string label = "the block " + quoted(entry.key);
  if (!entry.value.is(Kind::table)) {
    found.add(entry.value.where, label + " must be a table, found " + describe(entry.value), "write [blocks." + entry.key + "]");
    return false;
  }
  if (registry.find_layer(entry.key) != nullptr) {
    found.add(entry.where, label + " is called like a layer type", "give the block another name");
    return false;
  }
  for (const TomlEntry& key : entry.value.entries) {
    if (key.key == "layers" || key.key == "parameters" || key.key == "required") continue;
    const std::string near = nearest_name(key.key, {"layers", "parameters", "required"});
    found.add(key.where, "unknown key " + quoted(key.key) + " in " + label + (near.empty() ? "" : "; did you mean " + quoted(near) + "?"),
              "known keys: layers, parameters, required");
  }
  if (const TomlEntry* parameters = entry.value.find("parameters"); parameters != nullptr && parameters->value.is(Kind::table)) {
    for (const TomlEntry& parameter : parameters->value.entries) {
      block.defaults[parameter.key] = parameter.value;
      block.parameters.push_back(parameter.key);
    }
  } else if (parameters != nullptr) {
    found.add(parameters->value.where, "\"parameters\" of " + label + " must be a table of defaults, found " + describe(parameters->value),
              "such as parameters = { filters = 16 }");
  }
  if (const TomlEntry* required = entry.value.find("required")) {
    for (const TomlNode& name : required->value.items) {
      if (name.is(Kind::string)) block.parameters.push_back(name.string);
    }
  }
  const TomlEntry* layers = entry.value.find("layers");
  if (layers == nullptr || !layers->value.is_list_of_tables() || layers->value.items.empty()) {
    found.add(layers == nullptr ? entry.where : layers->value.where,
              "\"layers\" of " + label + " must be a list of at least one layer",
              "such as layers = [ { type = \"conv2d\", filters = \"$filters\", kernel = 3 } ]");
    return false;
  }
  block.layers = &layers->value;
  return true;
}

}  // namespace

void expand_blocks(TomlNode& root, const Registry& registry, Diagnostics& found) {
  const TomlEntry* entry = root.find("blocks");
  if (entry == nullptr) return;
  const TomlNode table = entry->value;  // blocks point into it
  erase_key(root, "blocks");
  if (!table.is(Kind::table)) {
    found.add(table.where, "\"blocks\" must hold tables, found " + describe(table), "write [blocks.NAME]");
    return;
  }
  std::map<std::string, Block> blocks;
  for (const TomlEntry& each : table.entries) {
    Block block;
    if (!read_block(each, registry, found, block)) block.layers = nullptr;
    if (registry.find_layer(each.key) == nullptr) blocks.emplace(each.key, std::move(block));
  }
  const auto layers_of = [](TomlNode& player) {
    TomlEntry* layers = player.is(Kind::table) ? player.find("layers") : nullptr;
    return layers != nullptr && layers->value.is_list_of_tables() ? &layers->value : nullptr;
  };
  Expansion classifier(blocks, found);
  if (TomlEntry* player = root.find("classifier")) {
    if (TomlNode* layers = layers_of(player->value)) classifier.player(*layers, "image");
  }
  TomlEntry* decoders = root.find("decoder");
  if (decoders == nullptr) return;
  for (TomlNode& decoder : decoders->value.items) {
    for (const char* key : {"tap", "target"}) {
      if (TomlEntry* reference = decoder.find(key)) classifier.rename(reference->value);
    }
    if (TomlNode* layers = layers_of(decoder)) Expansion(blocks, found).player(*layers, "tap");
  }
}

}  // namespace generalizer
