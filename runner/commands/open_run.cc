#include "commands/open_run.h"

namespace generalizer {

void add_run_options(CLI::App& command, RunOptions& options) {
  command.add_option("RUN", options.run, "The folder that `generalizer train` made")
      ->option_text(" ")
      ->required();
  add_backend_option(command, options.backend);
  add_plugin_path_option(command, options.plugin_paths);
}

LoadedRun open_run(Context& context, const RunOptions& options) {
  load_all_plugins(context, plugins_of_run(options.run), options.plugin_paths);
  require_backend(context, options.backend);
  LoadedRun run = load_run(options.run, context.registry, options.backend);
  for (const std::string& warning : run.warnings) context.terminal.warning(warning);
  return run;
}

}  // namespace generalizer
