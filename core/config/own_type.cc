#include "config/own_type.h"

#include <algorithm>

#include "config/expectation.h"
#include "config/quote.h"

namespace generalizer {
namespace {

std::vector<std::string> names_of(const std::vector<OwnType>& types) {
  std::vector<std::string> names;
  for (const OwnType& type : types) names.push_back(type.name);
  return names;
}

std::string known(const std::vector<OwnType>& types, const std::string& noun) {
  return "known " + noun + "s: " + listed(names_of(types));
}

/// The node under `type`, or the string itself; null, and a report, when there is none.
const TomlNode* type_of(const TomlNode& node, const std::vector<OwnType>& types, const std::string& noun,
                        const std::string& label, const TableContext& context) {
  if (node.is(TomlNode::Kind::string)) return &node;
  if (!node.is(TomlNode::Kind::table)) {
    context.found.add(node.where,
                      label + " must be the name of a " + noun + " or a table with a type, found " + describe(node),
                      known(types, noun));
    return nullptr;
  }
  const TomlEntry* type = node.find("type");
  if (type == nullptr) {
    context.found.add(node.where,
                      "\"type\" is missing in " + label + "; it must be the name of a" +
                          (noun.starts_with("a") ? "n " : " ") + noun,
                      known(types, noun));
    return nullptr;
  }
  if (type->value.broken || type->value.is(TomlNode::Kind::string)) return &type->value;
  context.found.add(type->value.where,
                    "\"type\" in " + label + " must be the name of a" + (noun.starts_with("a") ? "n " : " ") + noun +
                        ", found " + describe(type->value),
                    known(types, noun));
  return nullptr;
}

/// Reports the keys that the table's type doesn't have.
void refuse_others_keys(const TomlNode& table, const OwnType& chosen, const std::vector<OwnType>& types,
                        const std::string& noun, const TableContext& context) {
  const std::vector<ParameterSpec> keys = with_types_keys(typed_keys(), chosen.keys);
  std::vector<std::string> own;
  for (const ParameterSpec& key : keys) own.push_back(key.name);
  TomlNode rest = table;
  rest.entries.clear();
  for (const TomlEntry& entry : table.entries) {
    std::vector<std::string> others;
    for (const OwnType& type : types) {
      if (find_key(type.keys, entry.key) != nullptr) others.push_back(quoted(type.name));
    }
    if (find_key(keys, entry.key) != nullptr || others.empty()) {
      rest.entries.push_back(entry);
    } else {
      context.found.add(entry.where,
                        "the " + noun + " " + quoted(chosen.name) + " has no key " + quoted(entry.key) +
                            ", which is a key of " + joined_by_or(others),
                        "known keys of " + quoted(chosen.name) + ": " + listed(own));
    }
  }
  refuse_unknown_keys(rest, keys, context);
}

}  // namespace

std::optional<TypedSpec> read_own_type(const TomlNode& node, const std::vector<OwnType>& types,
                                       const std::string& noun, const std::string& label,
                                       const TableContext& context) {
  if (node.broken) return std::nullopt;
  const TomlNode* type = type_of(node, types, noun, label, context);
  if (type == nullptr || type->broken) return std::nullopt;
  const auto chosen =
      std::find_if(types.begin(), types.end(), [&](const OwnType& t) { return t.name == type->string; });
  if (chosen == types.end()) {
    context.found.add(type->where,
                      "unknown " + noun + " " + quoted(type->string) + " in " + context.name +
                          suggestion(type->string, names_of(types)),
                      known(types, noun));
    return std::nullopt;
  }
  TomlNode table = node;
  if (node.is(TomlNode::Kind::string)) {
    table = TomlNode{};
    table.where = node.where;
    table.entries.push_back({"type", node.where, node});
  }
  TypedSpec spec;
  spec.type = {type->string, type->where};
  const TableContext inner = context.inside(label + " (" + chosen->name + ")");
  refuse_others_keys(table, *chosen, types, noun, inner);
  spec.parameters = read_values(table, chosen->keys, inner);
  return spec;
}

}  // namespace generalizer
