#include "config/check.h"

#include <algorithm>

#include "config/expectation.h"
#include "config/keys.h"
#include "config/quote.h"
#include "config/value.h"

namespace generalizer {
namespace {

std::vector<std::string> names_of(const std::vector<ParameterSpec>& specs) {
  std::vector<std::string> names;
  for (const ParameterSpec& spec : specs) names.push_back(spec.name);
  return names;
}

/// Where else in a graph file the key belongs: TOML ends a table only where the next begins, which surprises.
std::string other_home(const std::string& key) {
  if (find_key(train_keys(), key) != nullptr) return "; " + quoted(key) + " is a key of [train]";
  if (find_key(graph_keys(), key) != nullptr) {
    return "; " + quoted(key) + " stands at the top of the file, before the first [table]";
  }
  return {};
}

}  // namespace

void refuse_unknown_keys(const TomlNode& table, const std::vector<ParameterSpec>& specs,
                         const TableContext& context) {
  const std::vector<std::string> known = names_of(specs);
  for (const TomlEntry& entry : table.entries) {
    if (find_key(specs, entry.key) != nullptr) continue;
    const std::string near = suggestion(entry.key, known);
    context.found.add(entry.where, "unknown key " + quoted(entry.key) + " in " + context.name + near,
                      (known.empty() ? "it has no keys" : "known keys: " + listed(known)) +
                          (near.empty() ? other_home(entry.key) : ""));
  }
}

bool looks_misspelt(const TomlNode& table, const std::string& key, const std::vector<ParameterSpec>& specs) {
  const std::vector<std::string> known = names_of(specs);
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const TomlEntry& entry) {
    return find_key(specs, entry.key) == nullptr && meant(entry.key, known) == key;
  });
}

bool is_there_misspelt(const TomlNode& table, const std::string& key, const std::vector<ParameterSpec>& specs,
                       const TableContext& context) {
  const std::vector<std::string> known = names_of(specs);
  return std::any_of(table.entries.begin(), table.entries.end(), [&](const TomlEntry& entry) {
    return find_key(specs, entry.key) == nullptr && meant(entry.key, known) == key &&
           context.found.has_one_at(entry.where);
  });
}

Parameters read_values(const TomlNode& table, const std::vector<ParameterSpec>& specs,
                       const TableContext& context) {
  Parameters values;
  for (const ParameterSpec& spec : specs) {
    const TomlEntry* entry = table.find(spec.name);
    if (entry != nullptr) {
      if (auto value = read_value(entry->value, spec, context)) {
        values.set(spec.name, std::move(*value), entry->value.where);
        continue;
      }
    }
    if (auto value = default_value(spec, table, context)) {
      values.set(spec.name, std::move(*value));
    } else if (entry == nullptr && !spec.optional && !is_there_misspelt(table, spec.name, specs, context)) {
      context.found.add(
          table.where,
          quoted(spec.name) + " is missing in " + context.name + "; it must be " + expected(spec),
          help_of(spec));
    }
  }
  return values;
}

Parameters read_table(const TomlNode& table, const std::vector<ParameterSpec>& specs,
                      const TableContext& context) {
  refuse_unknown_keys(table, specs, context);
  return read_values(table, specs, context);
}

}  // namespace generalizer
