#include "commands/open_run.h"

#include <filesystem>

namespace generalizer {

void add_run_options(CLI::App& command, RunOptions& options) {
  command.add_option("RUN", options.run, "The folder that `generalizer train` made")
      ->option_text(" ")
      ->check(not_empty())
      ->required();
  command
      .add_option("--checkpoint", options.checkpoint,
                  "Which weights: newest, best (kept with [train] best_by or early_stopping), or a checkpoint file")
      ->option_text("WHICH")
      ->check(not_empty());
  add_backend_option(command, options.backend);
  add_plugin_path_option(command, options.plugin_paths);
}

void require_folder(const std::string& run) {
  if (!std::filesystem::is_regular_file(run)) return;
  const bool graph = std::filesystem::path(run).extension() == ".toml";
  throw UsageError(run + " is a file, not a run folder." +
                   (graph ? " `generalizer train " + run + "` makes one, and prints its name."
                          : " Give the folder that `generalizer train` made."));
}

LoadedRun open_run(Context& context, const RunOptions& options) {
  require_folder(options.run);
  load_all_plugins(context, plugins_of_run(options.run), options.plugin_paths);
  require_backend(context, options.backend);
  LoadedRun run = load_run(options.run, context.registry, options.backend, options.checkpoint);
  for (const std::string& warning : run.warnings) context.terminal.warning(warning);
  return run;
}

}  // namespace generalizer
