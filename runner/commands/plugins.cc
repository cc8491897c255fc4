#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/describe_type.h"
#include "terminal/format.h"
#include "terminal/table.h"

namespace generalizer {
namespace {

struct PluginsOptions {
  std::string name;
  std::string graph;
  std::vector<std::string> plugin_paths;
  bool json = false;
};

/// A type of any kind, as far as this command shows it.
struct Described {
  std::string kind;  ///< "layer"
  std::string name;
  std::string summary;
  std::string file;
  const std::vector<ParameterSpec>* parameters = nullptr;
  const BackendType* backend = nullptr;  ///< for a backend
};

template <class Type>
void append(std::vector<Described>& all, const Registry& registry, const std::string& kind,
            const Type* type) {
  Described described{kind,   type->name, type->summary, registry.origin(kind, type->name), &type->parameters,
                      nullptr};
  if constexpr (std::is_same_v<Type, BackendType>) described.backend = type;
  all.push_back(std::move(described));
}

std::vector<Described> all_types(const Registry& registry) {
  std::vector<Described> all;
  for (const std::string& name : registry.layer_names())
    append(all, registry, "layer", registry.find_layer(name));
  for (const std::string& name : registry.loss_names())
    append(all, registry, "loss", registry.find_loss(name));
  for (const std::string& name : registry.optimizer_names())
    append(all, registry, "optimizer", registry.find_optimizer(name));
  for (const std::string& name : registry.dataset_names())
    append(all, registry, "dataset", registry.find_dataset(name));
  for (const std::string& name : registry.backend_names())
    append(all, registry, "backend", registry.find_backend(name));
  return all;
}

nlohmann::ordered_json report_json(const BackendReport& report) {
  nlohmann::ordered_json json;
  json["available"] = report.available;
  json["reason"] = report.reason;
  json["devices"] = report.devices;
  json["libraries"] = report.libraries;
  json["floating_types"] = nlohmann::ordered_json::array();
  for (const DType type : report.floating_types) json["floating_types"].push_back(name_of(type));
  return json;
}

nlohmann::ordered_json type_json(const Described& type) {
  nlohmann::ordered_json json;
  json["kind"] = type.kind;
  json["name"] = type.name;
  json["summary"] = type.summary;
  json["file"] = type.file;
  json["parameters"] = nlohmann::ordered_json::array();
  for (const ParameterSpec& spec : *type.parameters) json["parameters"].push_back(to_json(spec));
  if (type.backend != nullptr) json["report"] = report_json(type.backend->report());
  return json;
}

nlohmann::ordered_json list_json(const Registry& registry, const std::vector<Described>& types) {
  nlohmann::ordered_json json;
  json["plugins"] = nlohmann::ordered_json::array();
  for (const PluginRecord& plugin : registry.plugins()) {
    json["plugins"].push_back({{"name", plugin.name},
                               {"version", plugin.version},
                               {"licence", plugin.licence},
                               {"file", plugin.file},
                               {"provides", plugin.provides}});
  }
  json["types"] = nlohmann::ordered_json::array();
  for (const Described& type : types) json["types"].push_back(type_json(type));
  json["ops"] = nlohmann::ordered_json::array();
  for (const std::string& name : registry.op_names()) {
    json["ops"].push_back({{"name", name},
                           {"summary", registry.find_op(name)->summary},
                           {"file", registry.origin("op", name)}});
  }
  json["searched"] = registry.searched_folders();
  json["failures"] = nlohmann::ordered_json::array();
  for (const PluginFailure& failure : registry.failures())
    json["failures"].push_back({{"file", failure.file}, {"reason", failure.reason}});
  return json;
}

std::string report_text(const BackendReport& report) {
  if (!report.available) return "not available here: " + report.reason;
  std::string text = "available: " + join(report.devices);
  for (const auto& [library, version] : report.libraries) text += fmt::format("; {} {}", library, version);
  return text;
}

std::string list_text(const Registry& registry, const std::vector<Described>& types) {
  Table plugins({{"plugin"}, {"version"}, {"licence"}, {"file"}});
  for (const PluginRecord& plugin : registry.plugins())
    plugins.add({plugin.name, plugin.version, plugin.licence, plugin.file});
  Table table({{"kind"}, {"type"}, {"what it is"}});
  for (const Described& type : types) {
    table.add({type.kind, type.name, type.summary});
    if (type.backend != nullptr) table.add({"", "", report_text(type.backend->report())});
  }
  for (const std::string& name : registry.op_names()) table.add({"op", name, registry.find_op(name)->summary});
  std::string text = plugins.to_string() + "\n" + table.to_string(output_width()) +
                     "\nSearched: " + join(registry.searched_folders()) + "\n";
  if (!registry.failures().empty()) text += "\nNot loaded:\n";
  for (const PluginFailure& failure : registry.failures()) text += "  " + failure.reason + "\n";
  return text;
}

void add_rows(Table& table, const std::vector<ParameterSpec>& parameters, const std::string& before) {
  for (const ParameterSpec& spec : parameters) {
    // A long list of names stands where there is room for it, and once: a table's `type` has the names of its key.
    const bool many = spec.choices.size() > 3;
    const bool again = many && spec.name == "type" && !before.empty();
    const bool table_alone = !spec.fields.empty() && spec.types.size() == 1;
    table.add({before + spec.name, describe_types(spec), table_alone ? "" : describe_default(spec),
               many ? "a name" : describe_range(spec),
               spec.help + (many && !again ? " One of " + describe_range(spec) + "." : "")});
    add_rows(table, spec.fields, before + spec.name + ".");
  }
}

std::string type_text(const Described& type) {
  std::string text = fmt::format("{} {}: {}\nfrom {}\n", type.kind, type.name, type.summary, type.file);
  if (type.backend != nullptr) text += report_text(type.backend->report()) + "\n";
  Table table({{"key"}, {"type"}, {"default"}, {"range"}, {"what it does"}});
  add_rows(table, *type.parameters, "");
  return text + "\n" + (table.empty() ? "It takes no parameters.\n" : table.to_string(output_width()));
}

/// The types called `name`, or all those that the plugin called `name` brings.
std::vector<Described> find_types(const Registry& registry, const std::vector<Described>& all,
                                  const std::string& name) {
  std::vector<Described> found;
  for (const Described& type : all) {
    if (type.name == name) found.push_back(type);
  }
  for (const PluginRecord& plugin : registry.plugins()) {
    if (!found.empty() || plugin.name != name) continue;
    for (const Described& type : all) {
      if (type.file == plugin.file) found.push_back(type);
    }
  }
  return found;
}

[[noreturn]] void refuse(const Registry& registry, const std::vector<Described>& all,
                         const std::string& name) {
  if (const PluginFailure* failure = registry.failure_of(name)) throw PluginError(failure->reason);
  std::vector<std::string> names;
  for (const Described& type : all) names.push_back(type.name);
  const std::string near = nearest_name(name, names);
  throw UsageError(fmt::format("No loaded plugin has a type \"{}\".{} Known: {}. {}", name,
                               near.empty() ? "" : " Did you mean \"" + near + "\"?",
                               names.empty() ? "none" : join(names), registry.where_searched()));
}

ExitCode plugins(Context& context, const PluginsOptions& options) {
  load_all_plugins(context,
                   options.graph.empty() ? std::vector<std::string>() : plugins_named_by(options.graph),
                   options.plugin_paths);
  const Registry& registry = context.registry;
  const std::vector<Described> all = all_types(registry);
  if (options.name.empty()) {
    if (options.json) {
      print_json(list_json(registry, all));
    } else {
      print(list_text(registry, all));
    }
    return ExitCode::done;
  }
  const std::vector<Described> found = find_types(registry, all, options.name);
  if (found.empty()) refuse(registry, all, options.name);
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  std::string text;
  for (const Described& type : found) {
    json.push_back(type_json(type));
    text += (text.empty() ? "" : "\n") + type_text(type);
  }
  if (options.json) {
    print_json(json);
  } else {
    print(text);
  }
  return ExitCode::done;
}

}  // namespace

void add_plugins(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "plugins", "List what is loaded and from where; or explain one layer, dataset or backend");
  auto options = std::make_shared<PluginsOptions>();
  command->add_option("NAME", options->name, "A type (conv2d, adam, idx, onednn) or a plugin to explain")
      ->option_text(" ");
  command->add_option("--graph", options->graph, "Load the plugins that this graph file names, too")
      ->type_name("GRAPH");
  add_plugin_path_option(*command, options->plugin_paths);
  add_json_option(*command, options->json);
  add_examples(*command, {{"plugins",
                           "all layers, losses, optimizers, datasets and backends; which backends work here"},
                          {"plugins conv2d", "the parameters of a layer, with defaults and ranges"},
                          {"plugins --plugin-path ./build my_layer", "a plugin of your own"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return plugins(context, *options); }; });
}

}  // namespace generalizer
