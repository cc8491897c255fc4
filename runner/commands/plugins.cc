#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/type_report.h"
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
  json["ops"] = nlohmann::ordered_json::array();
  for (const Described& type : types) json[type.op != nullptr ? "ops" : "types"].push_back(type_json(type));
  json["searched"] = registry.searched_folders();
  json["failures"] = nlohmann::ordered_json::array();
  for (const PluginFailure& failure : registry.failures())
    json["failures"].push_back({{"file", failure.file}, {"reason", failure.reason}});
  return json;
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
  std::string text = plugins.to_string() + "\n" + table.to_string(output_width()) +
                     "\nSearched: " + join(registry.searched_folders()) + "\n";
  if (!registry.failures().empty()) text += "\nNot loaded:\n";
  for (const PluginFailure& failure : registry.failures()) text += "  " + failure.reason + "\n";
  return text;
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
      "plugins", "List what is loaded and from where; or explain one type with its keys, shapes and an example");
  auto options = std::make_shared<PluginsOptions>();
  command->add_option("NAME", options->name, "A type (conv2d, adam, idx, onednn) or a plugin to explain")
      ->option_text(" ");
  command->add_option("--graph", options->graph, "Load the plugins that this graph file names, too")
      ->type_name("GRAPH");
  add_plugin_path_option(*command, options->plugin_paths);
  add_json_option(*command, options->json);
  add_examples(*command, {{"plugins",
                           "all layers, losses, optimizers, datasets and backends; which backends work here"},
                          {"plugins conv2d", "a layer's keys with defaults and ranges, its shapes and weights, and an example"},
                          {"plugins --plugin-path ./build my_layer", "a plugin of your own"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return plugins(context, *options); }; });
}

}  // namespace generalizer
