#pragma once

#include <CLI/CLI.hpp>
#include <chrono>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "config/graph_spec.h"
#include "generalizer/registry.h"
#include "plugin/loader.h"
#include "terminal/terminal.h"

namespace generalizer {

/// What `main` owns and every command gets.
struct Context {
  std::chrono::steady_clock::time_point start = std::chrono::steady_clock::now();
  std::string command_line;  ///< as it was typed, for a run's record
  bool json = false;         ///< a program reads standard output, and wants to read of a failure there, too
  Terminal terminal;
  Registry registry;
};

/// The options of every command that reads a graph file.
struct GraphOptions {
  std::string graph;
  std::vector<std::string> sets;  ///< "train.epochs=2"
  std::string backend;            ///< "": the graph's
  std::vector<std::string> plugin_paths;

  std::vector<Override> overrides() const;
};

/// Refuses an empty text, which a script passes for a variable that isn't set.
CLI::Validator not_empty();

CLI::Option* add_graph_argument(CLI::App& command, GraphOptions& options);
void add_override_options(CLI::App& command, GraphOptions& options);
void add_backend_option(CLI::App& command, std::string& backend);
void add_plugin_path_option(CLI::App& command, std::vector<std::string>& paths);
/// `--json`, for commands that report.
void add_json_option(CLI::App& command, bool& json);
/// Examples under the options of `--help`.
void add_examples(CLI::App& command, const std::vector<std::pair<std::string, std::string>>& examples);

/// Loads the plugins that `files` name and all those that are found; warns of ones in the user's own folders
/// that can't be loaded. Throws `PluginError`.
void load_all_plugins(Context& context, const std::vector<std::string>& files,
                      const std::vector<std::string>& plugin_paths);

/// Throws `PluginError` with the reason when the backend's plugin is missing or can't be loaded here, `UsageError`
/// naming the known backends when nobody has heard of it. "" passes.
void require_backend(const Context& context, const std::string& backend);

/// Shows what in a graph is probably not meant.
void show_warnings(const Context& context, const GraphSpec& spec);

/// Loads the graph's plugins, then the graph, and shows what in it is probably not meant. Throws `GraphError`, `PluginError`.
GraphSpec load_graph(Context& context, const GraphOptions& options);

/// To standard output.
void print(const std::string& text);
void print_json(const nlohmann::ordered_json& json);

/// Exit codes of the program.
enum class ExitCode : int { done = 0, failed = 1, usage = 2, unavailable = 3, interrupted = 130 };

/// What was asked for on the command line does not make sense: exit code 2.
class UsageError : public Error {
 public:
  using Error::Error;
};

}  // namespace generalizer
