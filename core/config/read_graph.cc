#include <algorithm>
#include <filesystem>
#include <map>

#include "config/check.h"
#include "config/environment.h"
#include "config/expectation.h"
#include "config/graph_spec.h"
#include "config/keys.h"
#include "config/layers.h"
#include "config/names.h"
#include "config/overrides.h"
#include "config/quote.h"
#include "config/source_file.h"
#include "config/typed.h"
#include "config/value.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

/// The specs whose values are plain, not tables.
std::vector<ParameterSpec> plain(const std::vector<ParameterSpec>& specs) {
  std::vector<ParameterSpec> result;
  std::copy_if(specs.begin(), specs.end(), std::back_inserter(result),
               [](const ParameterSpec& spec) { return !holds_tables(spec); });
  return result;
}

TomlNode absent(const std::string& file) {
  TomlNode node;
  node.where = {file, 0, 0, {}};
  return node;
}

/// Reads the tree of a graph file, from the top of the file down.
class GraphReader {
 public:
  GraphReader(std::string file, std::string folder, const Registry& registry, Diagnostics& found)
      : file_(std::move(file)), folder_(std::move(folder)), registry_(registry), found_(found) {}

  GraphSpec read(const TomlNode& root) {
    const TableContext context = table("the graph");
    GraphSpec graph;
    refuse_unknown_keys(root, graph_keys(), context);
    const Parameters values = read_values(root, plain(graph_keys()), context);
    graph.name = name(root, values);
    graph.seed = static_cast<std::uint64_t>(values.integer("seed"));
    graph.precision = values.string("precision") == "f64" ? Precision::f64 : Precision::f32;
    for (const std::string& file : values.strings("plugins"))
      graph.plugins.push_back(absolute_path(file, folder_));
    graph.backend =
        typed(root, "backend", TypeKind::backend, graph_keys(), "backend", context).value_or(TypedSpec{});
    check_precision(values, root, graph.backend);
    static_cast<TypedSpec&>(graph.data) =
        typed(root, "data", TypeKind::dataset, graph_keys(), "[data]", context).value_or(TypedSpec{});
    graph.train = train(root);
    graph.classifier = classifier(root);
    graph.decoders = decoders(root);
    return graph;
  }

 private:
  TableContext table(std::string name) const { return {std::move(name), folder_, found_}; }

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
    for (const DType type : report.floating_types) offered.push_back(quoted(name_of(type)));
    const SourcePosition given = values.where("precision");
    const SourcePosition place = given.known() ? given : chosen.type.where;
    found_.add(place.known() ? place : root.where,
               "the backend " + quoted(chosen.type.text) + " does not compute in " + precision +
                   "; it offers " + (offered.empty() ? "no precision" : joined_by_or(offered)),
               others.empty() ? "" : joined_by_or(others) + (others.size() == 1 ? " does" : " do"));
  }

  static bool offers(const BackendReport& report, const std::string& precision) {
    return report.available && std::any_of(report.floating_types.begin(), report.floating_types.end(),
                                           [&](DType type) { return name_of(type) == precision; });
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

  /// What chooses a type under `key`, or by the key's default; nothing when it is absent and optional, or missing, which is reported.
  std::optional<TypedSpec> typed(const TomlNode& parent, const std::string& key, TypeKind kind,
                                 const std::vector<ParameterSpec>& specs, const std::string& label,
                                 const TableContext& context) const {
    if (const TomlEntry* entry = parent.find(key))
      return read_typed(entry->value, kind, label, context, registry_);
    const ParameterSpec& spec = *find_key(specs, key);
    if (spec.default_value) {
      TomlNode node = absent(file_);
      node.kind = TomlNode::Kind::string;
      node.string = std::get<std::string>(*spec.default_value);
      return read_typed(node, kind, label, context, registry_);
    }
    if (!spec.optional && !is_there_misspelt(parent, key, specs, context)) {
      found_.add(parent.where, label + " is missing in " + context.name + "; it must name a type",
                 known_types(kind, registry_));
    }
    return std::nullopt;
  }

  TrainSpec train(const TomlNode& root) const {
    const TomlNode none = absent(file_);
    const TomlNode* node = find_child(root, "train", TomlNode::Kind::table, graph_keys(), table("the graph"),
                                      "write it as [train]");
    const Parameters values = read_table(node != nullptr ? *node : none, train_keys(), table("[train]"));
    TrainSpec train;
    train.epochs = values.integer("epochs");
    train.batch = values.integer("batch");
    train.shuffle = values.boolean("shuffle");
    train.shared_step_count = values.boolean("shared_step_count");
    train.checkpoint_every = values.integer("checkpoint_every");
    train.keep_checkpoints = values.integer("keep_checkpoints");
    train.pictures = values.integer("pictures");
    return train;
  }

  ClassifierSpec classifier(const TomlNode& root) const {
    ClassifierSpec classifier;
    const TomlNode* node =
        find_child(root, "classifier", TomlNode::Kind::table, graph_keys(), table("the graph"),
                   "write it as [classifier], with its layers under the key layers");
    if (node == nullptr) return classifier;
    const TableContext context = table("[classifier]");
    classifier.where = node->where;
    refuse_unknown_keys(*node, classifier_keys(), context);
    if (auto loss = typed(*node, "loss", TypeKind::loss, classifier_keys(), "the loss of [classifier]", context))
      classifier.loss = LossSpec{{{std::move(*loss), 1.0}}};
    static_cast<TypedSpec&>(classifier.optimizer) = typed(*node, "optimizer", TypeKind::optimizer, classifier_keys(),
                                 "the optimizer of [classifier]", context)
                               .value_or(TypedSpec{});
    classifier.layers = read_layers(*node, classifier_keys(), context, registry_);
    return classifier;
  }

  std::vector<DecoderSpec> decoders(const TomlNode& root) const {
    std::vector<DecoderSpec> decoders;
    const TomlNode* list = find_child(root, "decoder", TomlNode::Kind::list, graph_keys(), table("the graph"),
                                      "write each decoder as [[decoder]], with two brackets");
    for (std::size_t i = 0; list != nullptr && i < list->items.size(); ++i)
      decoders.push_back(decoder(*list, i));
    std::map<std::string, SourcePosition> seen;
    for (const DecoderSpec& decoder : decoders) {
      check_name(decoder.name, "decoder", seen, found_);
      if (decoder.name.text == "classifier") {
        found_.add(decoder.name.where,
                   "a decoder can't be called \"classifier\", the name of the other player",
                   "give it another name");
      }
    }
    return decoders;
  }

  DecoderSpec decoder(const TomlNode& list, std::size_t index) const {
    const TomlNode& node = list.items[index];
    DecoderSpec decoder;
    decoder.where = node.where;
    const std::string name = decoder_name(list, index);
    const std::string label = "decoder " + quoted(name);
    const TableContext context = table(label);
    refuse_unknown_keys(node, decoder_keys(), context);
    const Parameters values = read_values(node, plain(decoder_keys()), context);
    decoder.name = values.has("name") ? located(values, "name", node.where) : Located{name, node.where};
    decoder.taps = {located(values, "tap", node.where)};
    decoder.target = located(values, "target", node.where);
    const std::string& sign = values.string("sign");
    decoder.sign = sign == "positive" ? Sign::positive : sign == "none" ? Sign::none : Sign::negative;
    decoder.weight = values.number("weight");
    decoder.every = values.integer("every");
    decoder.loss = {{{typed(node, "loss", TypeKind::loss, decoder_keys(), "the loss of " + label, context)
                          .value_or(TypedSpec{}),
                      1.0}}};
    static_cast<TypedSpec&>(decoder.optimizer) =
        typed(node, "optimizer", TypeKind::optimizer, decoder_keys(), "the optimizer of " + label, context)
            .value_or(TypedSpec{});
    decoder.layers = read_layers(node, decoder_keys(), context, registry_);
    return decoder;
  }

  std::string file_;
  std::string folder_;
  const Registry& registry_;
  Diagnostics& found_;
};

/// The tree of a text. Throws `GraphError` when it is no TOML or has no key.
TomlNode parse_checked(const std::string& text, const std::string& name) {
  require_utf8(text, name);
  TomlNode root = parse_document(text, name);
  root.where = {name, 0, 0, {}};
  if (root.entries.empty()) {
    throw GraphError(
        root.where, text.empty() ? "the graph file is empty" : "the graph file holds no key",
        "a graph has at least [data] and [classifier]; graphs/fashion-classifier.toml is one to begin with");
  }
  return root;
}

}  // namespace

GraphSpec parse_graph(const std::string& text, const std::string& name, const std::string& folder,
                      const Registry& registry, const std::vector<Override>& overrides) {
  TomlNode root = parse_checked(text, name);
  refuse_empty_registry(registry);
  Diagnostics found;
  expand_environment(root, found);
  for (const Override& override : overrides) apply_override(root, override, found);
  GraphSpec graph = GraphReader(name, fs::absolute(folder).string(), registry, found).read(root);
  found.throw_if_any(name);
  return graph;
}

GraphSpec read_graph(const GraphSource& source, const Registry& registry,
                     const std::vector<Override>& overrides) {
  GraphSpec graph = parse_graph(source.text, source.name, source.folder, registry, overrides);
  graph.file = source.name;
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
  const TomlNode root = parse_checked(source.text, source.name);
  TomlNode only;
  only.where = root.where;
  Diagnostics found;
  if (const TomlEntry* plugins = root.find("plugins")) only.entries.push_back(*plugins);
  expand_environment(only, found);
  for (const Override& override : overrides) {
    if (first_key(override) == "plugins") apply_override(only, override, found);
  }
  const std::string& folder = source.folder;
  const Parameters values =
      read_values(only, {*find_key(graph_keys(), "plugins")}, {"the graph", folder, found});
  found.throw_if_any(source.name);
  std::vector<std::string> files;
  for (const std::string& file : values.strings("plugins")) files.push_back(absolute_path(file, folder));
  return files;
}

}  // namespace generalizer
