#include "config/nodes.h"

#include <utility>

namespace generalizer {

TomlNode string_node(const std::string& text, const SourcePosition& where) {
  TomlNode node;
  node.kind = TomlNode::Kind::string;
  node.string = text;
  node.where = where;
  node.expanded = true;
  return node;
}

TomlNode list_node(const std::vector<TomlNode>& items, const SourcePosition& where) {
  TomlNode node;
  node.kind = TomlNode::Kind::list;
  node.items = items;
  node.where = where;
  return node;
}

TomlNode reported(TomlNode value) {
  value.broken = true;
  return value;
}

std::string text_of(const TomlNode& table, const std::string& key) {
  const TomlEntry* entry = table.find(key);
  return entry != nullptr && entry->value.is(TomlNode::Kind::string) ? entry->value.string : std::string();
}

void put(TomlNode& table, const std::string& key, TomlNode value) {
  if (TomlEntry* entry = table.find(key)) {
    entry->value = std::move(value);
  } else {
    const SourcePosition where = value.where;
    table.entries.push_back({key, where, std::move(value)});
  }
}

}  // namespace generalizer
