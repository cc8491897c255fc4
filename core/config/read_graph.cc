#include <algorithm>
#include <filesystem>

#include "config/blocks.h"
#include "config/check.h"
#include "config/environment.h"
#include "config/expectation.h"
#include "config/extends.h"
#include "config/graph_spec.h"
#include "config/keys.h"
#include "config/monitors.h"
#include "config/precision.h"
#include "config/overrides.h"
#include "config/quote.h"
#include "config/read_parts.h"
#include "config/typed.h"
#include "config/value.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

/// The files under `plugins`, each relative to the file in which it stands.
std::vector<std::string> plugin_files(const TomlNode& root, const Parameters& values, const Folders& folders) {
  std::vector<std::string> files;
  const TomlEntry* plugins = root.find("plugins");
  if (plugins == nullptr || !values.has("plugins")) return files;
  for (const TomlNode& item : plugins->value.items) files.push_back(absolute_path(item.string, folders.of(item.where)));
  return files;
}

/// Reads the tree of a graph file, from the top of the file down.
class GraphReader {
 public:
  GraphReader(std::string file, const Folders& folders, const Registry& registry, Diagnostics& found)
      : file_(std::move(file)), folders_(folders), registry_(registry), found_(found) {}

  GraphSpec read(const TomlNode& root) {
    const TableContext context{"the graph", folders_, found_};
    const GraphContext parts{context, registry_, block_names(root)};
    GraphSpec graph;
    refuse_unknown_keys(root, graph_keys(), context);
    const Parameters values = read_values(root, plain(graph_keys()), context);
    graph.name = name(root, values);
    graph.seed = static_cast<std::uint64_t>(values.integer("seed"));
    graph.precision = precision_called(values.string("precision"));
    graph.plugins = plugin_files(root, values, folders_);
    if (const auto backend =
            find_choice(root, "backend", TypeKind::backend, graph_keys(), "backend", context, registry_))
      graph.backend = read_typed(*backend, TypeKind::backend, "backend", context, registry_);
    check_precision(values, root, graph.backend);
    graph.data = read_data(root, parts);
    graph.train = read_train(root, parts);
    graph.classifier = read_classifier(root, parts);
    graph.decoders_known = read_decoders(root, parts, graph.decoders);
    resolve_monitors(graph, root, found_);
    return graph;
  }

 private:
  /// The backend must compute in the graph's precision. One that isn't available here can't say what it offers, and is refused later.
  void check_precision(const Parameters& values, const TomlNode& root, const TypedSpec& chosen) const {
    if (!values.has("precision") || registry_.find_backend(chosen.type.text) == nullptr) return;
    const std::string& precision = values.string("precision");
    const BackendReport report = registry_.find_backend(chosen.type.text)->report();
    if (!report.available || offers(report, precision)) return;
    std::vector<std::string> others;
    for (const std::string& name : registry_.backend_names()) {
      if (offers(registry_.find_backend(name)->report(), precision))
        others.push_back("backend = " + quoted(name));
    }
    std::vector<std::string> offered;
    for (const Precision p : precisions_of(report)) offered.push_back(quoted(name_of(p)));
    const SourcePosition given = values.where("precision");
    const SourcePosition place = given.known() ? given : chosen.type.where;
    found_.add(place.known() ? place : root.where,
               "the backend " + quoted(chosen.type.text) + " does not compute in " + precision +
                   "; it offers " + (offered.empty() ? "no precision" : joined_by_or(offered)),
               others.empty() ? "" : joined_by_or(others) + (others.size() == 1 ? " does" : " do"));
  }

  static bool offers(const BackendReport& report, const std::string& precision) {
    const std::vector<Precision> all = precisions_of(report);
    return report.available && std::find(all.begin(), all.end(), precision_called(precision)) != all.end();
  }

  /// The graph's name, which is also its run folder's.
  std::string name(const TomlNode& root, const Parameters& values) const {
    const std::string name = values.has("name") ? values.string("name") : fs::path(file_).stem().string();
    const bool control =
        std::any_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; });
    if (!name.empty() && name[0] != '.' && name.find('/') == std::string::npos && !control) return name;
    const TomlEntry* entry = root.find("name");
    if (entry != nullptr && (entry->value.broken || !values.has("name"))) return name;
    found_.add(entry != nullptr ? entry->value.where : root.where,
               "the graph's name must be fit for a folder, found " + quoted(name),
               "give a name without \"/\" that does not begin with a point: name = \"fashion\"");
    return name;
  }

  std::string file_;
  const Folders& folders_;
  const Registry& registry_;
  Diagnostics& found_;
};

}  // namespace

GraphDraft draft_graph(const GraphSource& source, const Registry& registry,
                       const std::vector<Override>& overrides) {
  Diagnostics found;
  LoadedGraph loaded = load_graph(source, found);
  refuse_empty_registry(registry);
  expand_environment(loaded.root, found);
  for (const Override& override : overrides) apply_override(loaded.root, override, found);
  expand_blocks(loaded.root, registry, {"the graph", loaded.folders, found});
  GraphDraft draft;
  draft.spec = GraphReader(source.name, loaded.folders, registry, found).read(loaded.root);
  draft.spec.file = source.name;
  draft.mistakes = found.all();
  return draft;
}

GraphSpec read_graph(const GraphSource& source, const Registry& registry,
                     const std::vector<Override>& overrides) {
  GraphDraft draft = draft_graph(source, registry, overrides);
  if (!draft.mistakes.empty()) throw GraphError(as_told(std::move(draft.mistakes), source.name));
  return std::move(draft.spec);
}

GraphSpec parse_graph(const std::string& text, const std::string& name, const std::string& folder,
                      const Registry& registry, const std::vector<Override>& overrides) {
  GraphSpec graph = read_graph(GraphSource{text, name, folder}, registry, overrides);
  graph.file.clear();
  return graph;
}

GraphSpec read_graph(const std::string& path, const Registry& registry,
                     const std::vector<Override>& overrides) {
  return read_graph(read_source(path), registry, overrides);
}

std::vector<std::string> plugins_named_by(const std::string& path, const std::vector<Override>& overrides) {
  return plugins_named_by(read_source(path), overrides);
}

std::vector<std::string> plugins_named_by(const GraphSource& source, const std::vector<Override>& overrides) {
  Diagnostics others;  // whatever else is wrong is told when the graph is read whole
  const LoadedGraph loaded = load_graph(source, others);
  TomlNode only;
  only.where = loaded.root.where;
  Diagnostics found;
  if (const TomlEntry* plugins = loaded.root.find("plugins")) only.entries.push_back(*plugins);
  expand_environment(only, found);
  for (const Override& override : overrides) {
    if (first_key(override) == "plugins") apply_override(only, override, found);
  }
  const Parameters values =
      read_values(only, {*find_key(graph_keys(), "plugins")}, {"the graph", loaded.folders, found});
  found.throw_if_any(source.name);
  return plugin_files(only, values, loaded.folders);
}

}  // namespace generalizer
