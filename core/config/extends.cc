#include "config/extends.h"

#include <algorithm>
#include <filesystem>

#include "config/environment.h"
#include "config/keys.h"
#include "config/overrides.h"
#include "config/quote.h"
#include "config/source_file.h"
#include "config/value.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

/// The string under `type`, or the node itself when it is the short form; "" when it has neither.
std::string type_of(const TomlNode& node) {
  if (node.is(TomlNode::Kind::string)) return node.string;
  const TomlEntry* type = node.is(TomlNode::Kind::table) ? node.find("type") : nullptr;
  return type != nullptr && type->value.is(TomlNode::Kind::string) ? type->value.string : std::string();
}

std::string name_of(const TomlNode& table) {
  const TomlEntry* name = table.find("name");
  return name != nullptr && name->value.is(TomlNode::Kind::string) ? name->value.string : std::string();
}

void lay_over(TomlNode& base, const TomlNode& overlay);

/// Decoders are one by their name; a new name is one more.
void lay_decoders_over(TomlNode& base, const TomlNode& overlay) {
  for (const TomlNode& item : overlay.items) {
    const std::string name = name_of(item);
    const auto same = std::find_if(base.items.begin(), base.items.end(), [&](const TomlNode& decoder) {
      return !name.empty() && name_of(decoder) == name;
    });
    if (same == base.items.end()) {
      base.items.push_back(item);
    } else {
      lay_over(*same, item);
    }
  }
}

/// The value under `key` of two files: tables become one, unless they are of different types, whose keys have nothing to do with each other.
void lay_value_over(const std::string& key, TomlNode& base, const TomlNode& overlay) {
  if (key == "decoder" && base.is_list_of_tables() && overlay.is_list_of_tables()) {
    lay_decoders_over(base, overlay);
    return;
  }
  const std::string type = type_of(overlay);
  const bool same_type = type.empty() || type == type_of(base);
  if (!overlay.is(TomlNode::Kind::table) || !same_type) {
    base = overlay;
    return;
  }
  if (base.is(TomlNode::Kind::string)) {  // "adam" is short for { type = "adam" }
    TomlNode table;
    table.where = base.where;
    table.entries.push_back({"type", base.where, base});
    base = std::move(table);
  }
  if (base.is(TomlNode::Kind::table)) {
    lay_over(base, overlay);
  } else {
    base = overlay;
  }
}

void lay_over(TomlNode& base, const TomlNode& overlay) {
  for (const TomlEntry& entry : overlay.entries) {
    drop_alternative(base, entry.key);
    if (TomlEntry* known = base.find(entry.key)) {
      lay_value_over(entry.key, known->value, entry.value);
      known->where = entry.where;
    } else {
      base.entries.push_back(entry);
    }
  }
}

/// The tree of a text. Throws `GraphError` when it is no TOML or has no key.
TomlNode parse_checked(const GraphSource& source) {
  require_utf8(source.text, source.name);
  TomlNode root = parse_document(source.text, source.name);
  root.where = {source.name, 0, 0, {}};
  if (root.entries.empty()) {
    throw GraphError(
        root.where, source.text.empty() ? "the graph file is empty" : "the graph file holds no key",
        "a graph has at least [data] and [classifier]; graphs/fashion-classifier.toml is one to begin with");
  }
  return root;
}

/// Follows `extends` from file to file.
class Loader {
 public:
  Loader(LoadedGraph& loaded, Diagnostics& found) : loaded_(loaded), found_(found) {}

  TomlNode load(const GraphSource& source) {
    TomlNode root = parse_checked(source);
    loaded_.folders.by_file[source.name] = source.folder;
    if (TomlEntry* extends = root.find("extends")) {
      TomlNode base = load(base_of(source, *extends));
      erase_key(root, "extends");
      lay_over(base, root);
      base.where = root.where;
      root = std::move(base);
    }
    apply_sets(root);
    return root;
  }

  void begin_with(const GraphSource& source) {
    chain_.push_back({source.name, fs::weakly_canonical(fs::path(source.folder) / fs::path(source.name).filename())});
  }

 private:
  struct File {
    std::string name;
    fs::path path;
  };

  GraphSource base_of(const GraphSource& source, TomlEntry& extends) {
    Diagnostics unset;
    expand_environment(extends.value, unset);
    unset.throw_if_any(source.name);
    if (!extends.value.is(TomlNode::Kind::string) || extends.value.string.empty()) {
      throw GraphError(extends.value.where,
                       "\"extends\" must be the path of a graph file, found " + describe(extends.value),
                       "such as extends = \"base.toml\", relative to this file");
    }
    const std::string& written = extends.value.string;
    const fs::path path = absolute_path(written, source.folder);
    const std::string name = (fs::path(source.name).parent_path() / written).lexically_normal().string();
    refuse_circle(extends.value.where, {name, fs::weakly_canonical(path)});
    try {
      GraphSource base = read_source(path.string());
      base.name = name;
      return base;
    } catch (const GraphError& error) {
      const Diagnostic& reason = error.diagnostics().front();
      throw GraphError(extends.value.where,
                       source.name + " extends " + quoted(written) + ", which is " + path.string() + ": " + reason.message,
                       reason.hint.starts_with("did you mean") ? reason.hint : "extends is relative to the file in which it stands");
    }
  }

  /// Adds the file to the chain, unless it is in there already.
  void refuse_circle(const SourcePosition& where, File file) {
    const auto before = std::find_if(chain_.begin(), chain_.end(), [&](const File& f) { return f.path == file.path; });
    if (before != chain_.end()) {
      std::string way = before->name;
      for (auto next = before + 1; next != chain_.end(); ++next) way += " extends " + next->name + ", which";
      throw GraphError(where, "\"extends\" leads in a circle: " + way + " extends " + before->name,
                       "one of the files must stand on its own: remove its extends");
    }
    chain_.push_back(std::move(file));
  }

  void apply_sets(TomlNode& root) {
    const TomlEntry* entry = root.find("set");
    if (entry == nullptr) return;
    const TomlNode sets = entry->value;
    erase_key(root, "set");
    const char* const example = "such as set = [ \"train.epochs=2\", \"classifier.layers.embedding.units=64\" ]";
    if (!sets.is(TomlNode::Kind::list)) {
      found_.add(sets.where, "\"set\" in the graph must be a list of strings, found " + describe(sets), example);
      return;
    }
    for (std::size_t i = 0; i < sets.items.size(); ++i) {
      const TomlNode& item = sets.items[i];
      if (item.is(TomlNode::Kind::string)) {
        apply_set(root, {item.string, item.where}, found_);
      } else {
        found_.add(item.where,
                   "element " + std::to_string(i + 1) + " of \"set\" in the graph must be a string, found " +
                       describe(item),
                   example);
      }
    }
  }

  LoadedGraph& loaded_;
  Diagnostics& found_;
  std::vector<File> chain_;
};

}  // namespace

LoadedGraph load_graph(const GraphSource& source, Diagnostics& found) {
  LoadedGraph loaded;
  GraphSource whole = source;
  whole.folder = fs::absolute(source.folder).string();
  loaded.folders.main = whole.folder;
  Loader loader(loaded, found);
  loader.begin_with(whole);
  loaded.root = loader.load(whole);
  return loaded;
}

}  // namespace generalizer
