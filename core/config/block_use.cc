#include "config/block_use.h"

#include <algorithm>

#include "config/expectation.h"
#include "config/keys.h"
#include "config/nodes.h"
#include "config/quote.h"
#include "config/value.h"

namespace generalizer {
namespace {

using Kind = TomlNode::Kind;

/// What may stand in a use of the block.
std::vector<ParameterSpec> keys_of(const Block& block) {
  std::vector<ParameterSpec> keys = block_use_keys();
  for (const std::string& parameter : block.parameters) keys.push_back(required_parameter(parameter, {}, ""));
  return keys;
}

bool names_some(const TomlNode& inputs, const TableContext& use) {
  if (!inputs.items.empty()) return true;
  use.found.add(inputs.where, "\"inputs\" in " + use.name + " must name at least one layer, found an empty list",
                "leave the key out to take the layer before");
  return false;
}

/// The keys that every use has; a parameter of the block that is called like one takes its place.
void read_keys(BlockUse& use, const Block& block, const TomlNode& layer, const TableContext& context) {
  for (const TomlEntry& entry : layer.entries) {
    const ParameterSpec* key = find_key(block_use_keys(), entry.key);
    if (key == nullptr || entry.key == "type" || block.has(entry.key)) continue;
    const auto value = read_value(entry.value, *key, context);
    if (entry.key == "name") {
      use.sound = use.sound && value;
    } else if (entry.key == "inputs") {
      use.sound = use.sound && value && names_some(entry.value, context);
      use.feed = {entry.value.items, false};
    } else if (entry.key == "repeat") {
      use.sound = use.sound && value;
      if (value) use.repeat = std::get<std::int64_t>(*value);
    } else if (value) {
      use.common[entry.key] = entry.value;
    }
  }
  const std::vector<ParameterSpec> keys = keys_of(block);
  for (const char* key : {"name", "inputs", "repeat"}) use.sound = use.sound && !looks_misspelt(layer, key, keys);
}

/// The block's parameters, as given and by default.
void read_values_of(BlockUse& use, const Block& block, const TomlNode& layer, Diagnostics& found) {
  use.values = block.defaults;
  std::vector<std::string> known = block.parameters;
  for (const ParameterSpec& key : block_use_keys()) known.push_back(key.name);
  for (const TomlEntry& entry : layer.entries) {
    if (block.has(entry.key)) {
      use.values[entry.key] = entry.value;
    } else if (find_key(block_use_keys(), entry.key) == nullptr) {
      found.add(entry.where,
                "the block " + quoted(block.name) + " has no parameter " + quoted(entry.key) + suggestion(entry.key, known),
                "its parameters: " + listed_in_quotes(block.parameters) +
                    "; every use takes name, inputs, repeat, freeze, learning_rate_factor, l1 and l2");
      // Neither missing nor its default.
      if (const std::string near = meant(entry.key, known); block.has(near)) use.values[near] = reported(entry.value);
    }
  }
  for (const std::string& parameter : block.parameters) {
    if (use.values.contains(parameter)) continue;
    found.add(layer.where,
              "layer " + quoted(use.name) + " doesn't give " + quoted(parameter) + ", which the block " + quoted(block.name) +
                  " requires",
              "write { type = " + quoted(block.name) + ", " + parameter + " = … }");
  }
}

void substitute(TomlNode& node, const Block& block, const std::map<std::string, TomlNode>& values, Diagnostics& found) {
  for (TomlNode& item : node.items) substitute(item, block, values, found);
  for (TomlEntry& entry : node.entries) substitute(entry.value, block, values, found);
  if (!node.is(Kind::string) || node.literal || !node.string.starts_with("$")) return;
  const std::string name = node.string.substr(1);
  if (const auto value = values.find(name); value != values.end()) {
    const SourcePosition where = node.where;
    node = value->second;
    if (!node.where.known()) node.where = where;
    return;
  }
  if (!block.has(name)) {  // the missing value of one has been reported
    const std::string near = nearest_name(name, block.parameters);
    found.add(node.where,
              quoted(node.string) + " stands for no parameter of the block " + quoted(block.name) +
                  (near.empty() ? "" : "; did you mean " + quoted("$" + near) + "?"),
              "its parameters: " + listed_in_quotes(block.parameters) + "; $$ stands for a plain $");
  }
  node.broken = true;
}

}  // namespace

BlockUse read_block_use(const Block& block, const TomlNode& layer, const std::string& name, const Feed& feed,
                        const std::map<std::string, TomlNode>& common, const TableContext& context) {
  BlockUse use{name, feed, std::nullopt, common, {}, true};
  read_keys(use, block, layer, context.inside("layer " + quoted(name) + " (" + block.name + ")"));
  read_values_of(use, block, layer, context.found);
  return use;
}

TomlNode layers_with(const std::map<std::string, TomlNode>& values, const Block& block, Diagnostics& found) {
  TomlNode layers = *block.layers;
  for (TomlNode& layer : layers.items) substitute(layer, block, values, found);
  return layers;
}

TomlNode placeholder_for(const TomlNode& layer, const Block& block, const std::string& name) {
  TomlNode node = reported({});
  node.where = layer.where;
  const TomlEntry* given = layer.find("name");
  const bool name_wrong = given != nullptr ? text_of(layer, "name").empty() : looks_misspelt(layer, "name", keys_of(block));
  const TomlNode name_node = string_node(name, layer.where);
  put(node, "name", name_wrong ? reported(name_node) : name_node);
  put(node, "type", layer.find("type")->value);
  if (const TomlEntry* inputs = layer.find("inputs")) {
    const std::vector<TomlNode>& items = inputs->value.items;
    const bool right = !items.empty() && std::all_of(items.begin(), items.end(), [](const TomlNode& item) {
      return item.is(Kind::string);
    });
    put(node, "inputs", right ? inputs->value : reported(inputs->value));
  }
  return node;
}

}  // namespace generalizer
