#include "config/layers.h"

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
  }
  for (const TomlNode& item : list.items) inputs.push_back({item.string, item.where});
  return inputs;
}

LayerSpec read_layer(const TomlNode& list, std::size_t index, const TableContext& player,
                     const Registry& registry) {
  const TomlNode& node = list.items[index];
  LayerSpec layer;
  layer.where = node.where;
  const std::string name = layer_name(list, index);
  const std::string label =
      name.empty() ? "layer " + std::to_string(index + 1) + " of " + player.name : "layer " + quoted(name);
  const TableContext common_context = player.inside(label);
  std::vector<ParameterSpec> common_keys = layer_keys();
  std::erase_if(common_keys, [](const ParameterSpec& key) { return key.name == "type"; });
  const Parameters common = read_values(node, common_keys, common_context);
  layer.name = common.has("name") ? located(common, "name", node.where) : Located{name, node.where};
  layer.inputs = inputs_of(node, common, common_context);
  layer.freeze = common.boolean("freeze");
  layer.learning_rate_factor = common.number("learning_rate_factor");
  layer.l1 = common.number("l1");
  layer.l2 = common.number("l2");
  const auto type = read_type_name(node, TypeKind::layer, label, registry, player.found);
  if (!type) return layer;
  layer.type = *type;
  const auto* parameters = find_type(TypeKind::layer, type->text, type->where, label, registry, player.found);
  if (parameters == nullptr) return layer;

  const TableContext context = player.inside(label + " (" + type->text + ")");
  refuse_unknown_keys(node, with_types_keys(layer_keys(), *parameters), context);
  layer.parameters = read_values(node, *parameters, context);
  return layer;
}

std::string place(const SourcePosition& where) {
  return where.file + ":" + std::to_string(where.line) + ":" + std::to_string(where.column);
}

}  // namespace

std::vector<LayerSpec> read_layers(const TomlNode& player, const std::vector<ParameterSpec>& specs,
                                   const TableContext& context, const Registry& registry) {
  std::vector<LayerSpec> layers;
  const TomlNode* list = find_child(player, "layers", TomlNode::Kind::list, specs, context, kExample);
  if (list == nullptr) return layers;
  if (list->items.empty()) {
    context.found.add(list->where,
                      "\"layers\" in " + context.name + " must hold at least one layer, found an empty list",
                      kExample);
  }
  std::map<std::string, SourcePosition> seen;
  for (std::size_t i = 0; i < list->items.size(); ++i) {
    layers.push_back(read_layer(*list, i, context, registry));
    // A layer with neither name nor type has been reported for its type.
    const bool nameless = layers.back().name.text.empty() && list->items[i].find("name") == nullptr;
    if (!nameless) check_name(layers.back().name, "layer", seen, context.found);
  }
  return layers;
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

Located located(const Parameters& values, const std::string& name, const SourcePosition& table) {
  if (!values.has(name)) return {"", table};
  const SourcePosition where = values.where(name);
  return {values.string(name), where.known() ? where : table};
}

void check_name(const Located& name, const std::string& noun, std::map<std::string, SourcePosition>& seen,
                Diagnostics& found) {
  if (noun == "layer" ? !is_path_of_identifiers(name.text) : !is_identifier(name.text)) {
    found.add(name.where,
              "the " + noun + " name " + quoted(name.text) +
                  " must be letters, digits, \"_\" and \"-\", beginning with a letter or \"_\"",
              "points and slashes separate players, layers and weights, so that no name can hold them; a block's layer alone is BLOCK/LAYER");
  }
  const auto [first, fresh] = seen.emplace(name.text, name.where);
  if (fresh) return;
  found.add(name.where,
            "two " + noun + "s are called " + quoted(name.text) + ", here and at " + place(first->second),
            "give one of them another name");
}

}  // namespace generalizer
