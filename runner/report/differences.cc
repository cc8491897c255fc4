#include "report/differences.h"

#include <algorithm>
#include <map>

#include "config/document.h"

namespace generalizer {
namespace {

using Values = std::vector<std::pair<std::string, std::string>>;

std::string element_name(const TomlNode& element, std::size_t index) {
  for (const char* key : {"name", "type"}) {
    const TomlEntry* entry = element.find(key);
    if (entry != nullptr && entry->value.is(TomlNode::Kind::string)) return entry->value.string;
  }
  return std::to_string(index);
}

void walk(const TomlNode& node, const std::string& path, Values& values) {
  if (node.is(TomlNode::Kind::table)) {
    for (const TomlEntry& entry : node.entries)
      walk(entry.value, path.empty() ? entry.key : path + "." + entry.key, values);
  } else if (node.is_list_of_tables()) {
    for (std::size_t i = 0; i < node.items.size(); ++i)
      walk(node.items[i], path + "." + element_name(node.items[i], i), values);
  } else {
    values.emplace_back(path, to_text(node));
  }
}

}  // namespace

Values keys_and_values(const std::string& toml, const std::string& file) {
  Values values;
  walk(parse_document(toml, file), "", values);
  return values;
}

std::vector<GraphDifference> graph_differences(const std::vector<std::string>& graphs) {
  std::vector<GraphDifference> all;
  std::map<std::string, std::size_t> index;
  for (std::size_t graph = 0; graph < graphs.size(); ++graph) {
    for (const auto& [key, value] : keys_and_values(graphs[graph], "graph.toml")) {
      const auto [at, added] = index.emplace(key, all.size());
      if (added) all.push_back({key, std::vector<std::string>(graphs.size())});
      all[at->second].values[graph] = value;
    }
  }
  std::erase_if(all, [](const GraphDifference& difference) {
    return difference.key == "name" ||
           std::all_of(difference.values.begin(), difference.values.end(),
                       [&](const std::string& value) { return value == difference.values.front(); });
  });
  return all;
}

}  // namespace generalizer
