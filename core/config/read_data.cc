#include "config/augment_keys.h"
#include "config/keys.h"
#include "config/own_type.h"
#include "config/read_parts.h"

namespace generalizer {
namespace {

std::vector<TypedSpec> read_augmentations(const TomlNode& list, const TableContext& data) {
  std::vector<TypedSpec> result;
  if (list.broken) return result;
  if (!list.is(TomlNode::Kind::list)) {
    data.found.add(list.where,
                   "\"augment\" in [data] must be a list of tables, found " + describe(list),
                   "such as augment = [ { type = \"flip\" }, { type = \"crop\", padding = 4 } ]");
    return result;
  }
  for (std::size_t i = 0; i < list.items.size(); ++i) {
    const std::string label = "augmentation " + std::to_string(i + 1) + " of [data]";
    if (auto spec = read_own_type(list.items[i], augmentation_types(), "augmentation", label, data))
      result.push_back(std::move(*spec));
  }
  return result;
}

/// What [data] holds beside its type's keys.
void read_common(const TomlNode& node, DataSpec& data, const TableContext& context) {
  const Parameters values = read_values(
      node, {*find_key(data_keys(), "validation"), *find_key(data_keys(), "label_noise"), *find_key(data_keys(), "prefetch")},
      context);
  data.validation = values.number("validation");
  data.label_noise = values.number("label_noise");
  data.prefetch = values.integer("prefetch");
  if (const TomlEntry* augment = node.find("augment")) data.augment = read_augmentations(augment->value, context);
}

}  // namespace

DataSpec read_data(const TomlNode& root, const GraphContext& graph) {
  DataSpec data;
  Diagnostics& found = graph.table.found;
  const std::size_t before = found.size();
  const auto node =
      find_choice(root, "data", TypeKind::dataset, graph_keys(), "[data]", graph.table, graph.registry);
  if (node)
    static_cast<TypedSpec&>(data) = read_typed(*node, TypeKind::dataset, "[data]", graph.table, graph.registry);
  if (node && node->is(TomlNode::Kind::table)) read_common(*node, data, graph.inside("[data]"));
  data.sound = node && found.size() == before && !holds_mistake(*node);
  return data;
}

}  // namespace generalizer
