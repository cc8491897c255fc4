#include "context.h"

#include <fmt/format.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "config/typed.h"
#include "graph/warnings.h"
#include "terminal/format.h"
#include "trainer/sound_graph.h"

namespace generalizer {

std::vector<Override> GraphOptions::overrides() const {
  std::vector<Override> result;
  for (const std::string& set : sets) result.push_back({set});
  if (!backend.empty()) result.push_back({"backend=" + backend});
  return result;
}

CLI::Validator not_empty() {
  return CLI::Validator(
      [](const std::string& text) { return std::string(text.empty() ? "\"\" is an empty name" : ""); }, "");
}

CLI::Option* add_graph_argument(CLI::App& command, GraphOptions& options) {
  return command.add_option("GRAPH", options.graph, "The graph file; - for standard input")->option_text(" ");
}

void add_override_options(CLI::App& command, GraphOptions& options) {
  command
      .add_option("--set", options.sets,
                  "Replace a value of the graph: train.epochs=2, decoder.weight=0.5; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
}

void add_backend_option(CLI::App& command, std::string& backend) {
  command
      .add_option("--backend", backend,
                  "Compute with this backend instead of the graph's; `generalizer plugins` lists them")
      ->type_name("BACKEND")
      ->check(not_empty());
}

void add_plugin_path_option(CLI::App& command, std::vector<std::string>& paths) {
  command
      .add_option("--plugin-path", paths,
                  "Search this folder for plugins, or load this plugin file; repeatable")
      ->type_name("PATH")
      ->check(not_empty())
      ->allow_extra_args(false);
}

void add_json_option(CLI::App& command, bool& json) {
  command.add_flag("--json", json, "Print JSON on standard output, for programs to read; after a failure {\"errors\": [{\"file\", "
                   "\"line\", \"column\", \"message\", \"hint\"}]}");
}

void add_examples(CLI::App& command, const std::vector<std::pair<std::string, std::string>>& examples) {
  std::string text = "Examples:";
  for (const auto& [line, meaning] : examples) text += "\n  generalizer " + line + "\n      " + meaning;
  command.footer("\n" + text);
}

void load_all_plugins(Context& context, const std::vector<std::string>& files,
                      const std::vector<std::string>& plugin_paths) {
  const char* environment = std::getenv("GENERALIZER_PLUGIN_PATH");
  const std::string program = running_program();
  load_plugins({files, plugin_paths, environment == nullptr ? "" : environment, program}, context.registry);
  const auto installed = std::filesystem::path(program).parent_path().parent_path() / "lib" / "generalizer";
  for (const PluginFailure& failure : context.registry.failures()) {
    // The installed ones are silent until something of theirs is asked for: a machine without a GPU is no
    // fault.
    std::error_code ignored;
    if (!std::filesystem::equivalent(std::filesystem::path(failure.file).parent_path(), installed, ignored)) {
      context.terminal.warning(failure.reason);
    }
  }
}

void require_backend(const Context& context, const std::string& backend) {
  const std::string name = backend.substr(0, backend.find(':'));  // "cuda:1" names a device, too
  if (backend.empty() || context.registry.find_backend(name) != nullptr) return;
  refuse_empty_registry(context.registry);
  refuse_absent_backend(name, context.registry);
  const std::vector<std::string> known = context.registry.backend_names();
  const std::string near = nearest_name(name, known);
  throw UsageError(fmt::format("There is no backend \"{}\".{} Known backends: {}. {}", name,
                               near.empty() ? "" : " Did you mean \"" + near + "\"?",
                               known.empty() ? "none" : join(known), context.registry.where_searched()));
}

void show_warnings(const Context& context, const GraphSpec& spec) {
  const std::vector<Diagnostic> warnings = warnings_of(spec, context.registry);
  if (!warnings.empty()) context.terminal.note(render(warnings, "warning"));
}

GraphSpec load_graph(Context& context, const GraphOptions& options) {
  const std::vector<Override> overrides = options.overrides();
  const GraphSource source = read_source(options.graph);
  load_all_plugins(context, plugins_named_by(source, overrides), options.plugin_paths);
  require_backend(context, options.backend);
  GraphSpec spec = read_sound_graph(source, context.registry, overrides);
  show_warnings(context, spec);
  return spec;
}

void print(const std::string& text) {
  // What can't be written must not look like success: a full disk, a closed pipe.
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0) {
    throw Error("Standard output can't be written: is the disk full, or the reader gone?");
  }
}

// What others wrote, such as a plugin's messages, may be no UTF-8, and must not cost the whole answer.
void print_json(const nlohmann::ordered_json& json) { print(json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n"); }

}  // namespace generalizer
