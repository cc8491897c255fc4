#include "config/read_parts.h"

#include <algorithm>
#include <iterator>

#include "config/expectation.h"
#include "config/keys.h"

namespace generalizer {

std::optional<TomlNode> find_choice(const TomlNode& parent, const std::string& key, TypeKind kind,
                                    const std::vector<ParameterSpec>& specs, const std::string& label,
                                    const TableContext& context, const Registry& registry) {
  if (const TomlEntry* entry = parent.find(key)) return entry->value;
  const ParameterSpec& spec = *find_key(specs, key);
  if (spec.default_value) {
    TomlNode node = absent();
    node.kind = TomlNode::Kind::string;
    node.string = std::get<std::string>(*spec.default_value);
    return node;
  }
  if (!spec.optional && !is_there_misspelt(parent, key, specs, context)) {
    context.found.add(parent.where, label + " is missing in " + context.name + "; it must name a type",
                      known_types(kind, registry));
  }
  return std::nullopt;
}

std::vector<ParameterSpec> plain(const std::vector<ParameterSpec>& specs) {
  std::vector<ParameterSpec> result;
  std::copy_if(specs.begin(), specs.end(), std::back_inserter(result),
               [](const ParameterSpec& spec) { return !holds_tables(spec); });
  return result;
}

TomlNode absent() {
  TomlNode node;
  node.where = {"", 0, 0, {}};
  return node;
}

}  // namespace generalizer
