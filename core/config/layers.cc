#include "config/layers.h"

#include <algorithm>

#include "config/expectation.h"
#include "config/keys.h"
#include "config/names.h"
#include "config/quote.h"
#include "config/typed.h"

namespace generalizer {
namespace {

const char* const kExample = "such as layers = [ { name = \"logits\", type = \"dense\", units = 10 } ]";

std::vector<Located> inputs_of(const TomlNode& layer, const Parameters& common, const TableContext& context) {
  std::vector<Located> inputs;
  if (!common.has("inputs")) return inputs;
  const TomlNode& list = layer.find("inputs")->value;
  if (list.items.empty()) {
    context.found.add(list.where,
                      "\"inputs\" in " + context.name + " must name at least one layer, found an empty list",
                      "leave the key out to take the layer before");
    inputs.push_back({"", list.where});
  }
  for (const TomlNode& item : list.items) {
    refuse_empty_name(item, "\"inputs\" in " + context.name, context.found);
    inputs.push_back({item.string, item.where});
  }
  return inputs;
}

/// What every layer has, whatever its type. A value that is wrong is reported and stays at its default.
void read_common(LayerSpec& layer, const TomlNode& node, const std::string& name, const TableContext& context) {
  std::vector<ParameterSpec> keys = layer_keys();
  std::erase_if(keys, [](const ParameterSpec& key) { return key.name == "type"; });
  const Parameters values = read_values(node, keys, context);
  layer.name = values.has("name") ? located(values, "name", node.where) : Located{name, node.where};
  layer.inputs = inputs_of(node, values, context);
  layer.freeze = values.boolean("freeze");
  layer.learning_rate_factor = values.number("learning_rate_factor");
  layer.l1 = values.number("l1");
  layer.l2 = values.number("l2");
}

/// The type and what it declares; null when there is no such type.
const std::vector<ParameterSpec>* read_own(LayerSpec& layer, const TomlNode& node, const std::string& label,
                                           const TableContext& player, const LayerTypes& types) {
  const auto type = read_type_name(node, TypeKind::layer, label, types.registry, player.found);
  if (!type) return nullptr;
  layer.type = *type;
  const auto* parameters =
      find_type(TypeKind::layer, type->text, type->where, label, types.registry, player.found, types.blocks);
  if (parameters == nullptr) return nullptr;
  const TableContext context = player.inside(label + " (" + type->text + ")");
  refuse_unknown_keys(node, with_types_keys(layer_keys(), *parameters), context);
  layer.parameters = read_values(node, *parameters, context);
  return parameters;
}

/// Whether the value that the layer should have under `key` stands there, wrong or under a misspelt key.
bool is_given_wrong(const TomlNode& node, const std::string& key, const std::vector<ParameterSpec>& keys) {
  const TomlEntry* entry = node.find(key);
  if (entry == nullptr) return !keys.empty() && looks_misspelt(node, key, keys);
  const auto is_text = [](const TomlNode& node) { return node.is(TomlNode::Kind::string) && !node.broken; };
  if (key == "name") return !is_text(entry->value);
  return !entry->value.is(TomlNode::Kind::list) || !std::all_of(entry->value.items.begin(), entry->value.items.end(), is_text);
}

/// A layer, and whether its name is known.
struct ReadLayer {
  LayerSpec layer;
  bool name_known = true;
};

ReadLayer read_layer(const TomlNode& list, std::size_t index, const TableContext& player,
                     const LayerTypes& types) {
  const TomlNode& node = list.items[index];
  ReadLayer read;
  LayerSpec& layer = read.layer;
  layer.where = node.where;
  const std::string name = layer_name(list, index);
  const std::string label =
      name.empty() ? "layer " + std::to_string(index + 1) + " of " + player.name : "layer " + quoted(name);
  const std::size_t before = player.found.size();
  read_common(layer, node, name, player.inside(label));
  if (node.broken) {  // it stands for the layers of a block that couldn't be made
    layer.type = {node.find("type")->value.string, node.find("type")->value.where};
    layer.sound = false;
    if (is_given_wrong(node, "inputs", {})) layer.inputs = {{"", node.where}};
    read.name_known = !holds_mistake(node.find("name")->value);
    return read;
  }
  const auto* parameters = read_own(layer, node, label, player, types);
  layer.sound = player.found.size() == before && !holds_mistake(node);
  if (layer.sound) return read;
  const std::vector<ParameterSpec> keys =
      parameters == nullptr ? layer_keys() : with_types_keys(layer_keys(), *parameters);
  if (is_given_wrong(node, "inputs", keys)) layer.inputs = {{"", node.where}};
  // Without a name of its own it is called after its type.
  read.name_known = !is_given_wrong(node, "name", keys) && (node.find("name") != nullptr || parameters != nullptr);
  return read;
}

std::string place(const SourcePosition& where) {
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

}  // namespace

bool read_layers(const TomlNode& player, const std::vector<ParameterSpec>& specs, const TableContext& context,
                 const LayerTypes& types, std::vector<LayerSpec>& layers) {
  const TomlNode* list = find_child(player, "layers", TomlNode::Kind::list, specs, context, kExample);
  if (list == nullptr) return false;
  if (list->items.empty()) {
    context.found.add(list->where,
                      "\"layers\" in " + context.name + " must hold at least one layer, found an empty list",
                      kExample);
    return false;
  }
  bool known = true;
  std::map<std::string, SourcePosition> seen;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    ReadLayer read = read_layer(*list, i, context, types);
    const bool name_good = read.name_known && check_name(read.layer.name, "layer", seen, context.found);
    known = known && name_good;
    layers.push_back(std::move(read.layer));
  }
  return known;
}

const TomlNode* find_child(const TomlNode& parent, const std::string& key, TomlNode::Kind kind,
                           const std::vector<ParameterSpec>& specs, const TableContext& context,
                           const std::string& hint) {
  const ParameterSpec& spec = *find_key(specs, key);
  const TomlEntry* entry = parent.find(key);
  if (entry == nullptr) {
    if (!spec.optional && !is_there_misspelt(parent, key, specs, context)) {
      context.found.add(parent.where,
                        quoted(key) + " is missing in " + context.name + "; it must be " + expected(spec),
                        hint);
    }
    return nullptr;
  }
  const TomlNode& value = entry->value;
  if (kind == TomlNode::Kind::list ? value.is_list_of_tables() : value.is(kind)) return &value;
  if (!value.broken) {
    context.found.add(
        value.where,
        quoted(key) + " in " + context.name + " must be " + expected(spec) + ", found " + describe(value),
        hint);
  }
  return nullptr;
}

void refuse_empty_name(const TomlNode& name, const std::string& label, Diagnostics& found) {
  if (name.is(TomlNode::Kind::string) && name.string.empty())
    found.add(name.where, label + " must name a layer, found an empty text");
}

Located located(const Parameters& values, const std::string& name, const SourcePosition& table) {
  if (!values.has(name)) return {"", table};
  const SourcePosition where = values.where(name);
  return {values.string(name), where.known() ? where : table};
}

bool check_name(const Located& name, const std::string& noun, std::map<std::string, SourcePosition>& seen,
                Diagnostics& found) {
  const std::size_t before = found.size();
  if (noun == "layer" ? !is_path_of_identifiers(name.text) : !is_identifier(name.text)) {
    found.add(name.where,
              "the " + noun + " name " + quoted(name.text) +
                  " must be letters, digits, \"_\" and \"-\", beginning with a letter or \"_\"",
              "points and slashes separate players, layers and weights, so that no name can hold them; a block's layer alone is BLOCK/LAYER");
  }
  const auto [first, fresh] = seen.emplace(name.text, name.where);
  if (!fresh) {
    found.add(name.where,
              "two " + noun + "s are called " + quoted(name.text) + ", here and at " + place(first->second),
              "give one of them another name");
  }
  return found.size() == before;
}

}  // namespace generalizer
