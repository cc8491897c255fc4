#pragma once

#include "context.h"
#include "trainer/trainer.h"

namespace generalizer {

/// The options of every command that reads a run folder.
struct RunOptions {
  std::string run;
  std::string backend;  ///< "": the run's
  std::string checkpoint = "newest";  ///< or "best", or a file
  std::vector<std::string> plugin_paths;
};

void add_run_options(CLI::App& command, RunOptions& options);

/// Throws `UsageError` for a file where a run folder is wanted.
void require_folder(const std::string& run);

/// Loads the plugins that the run names, then its newest good checkpoint; its warnings go to the terminal.
LoadedRun open_run(Context& context, const RunOptions& options);

}  // namespace generalizer
