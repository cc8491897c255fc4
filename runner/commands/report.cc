#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>

#include "commands/commands.h"
#include "commands/open_run.h"
#include "report/page.h"
#include "support/files.h"
#include "sweep/sweep.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

struct ReportOptions {
  std::vector<std::string> runs;
  std::string sweep;
  std::string out;
  std::vector<std::string> plugin_paths;
};

/// The plugins that the graphs name. One that isn't there any more costs the drawing, not the report.
void load_plugins_of(Context& context, const ReportOptions& options) {
  std::vector<std::string> files;
  for (const std::string& run : options.runs) {
    require_folder(run);
    for (const std::string& file : plugins_of_run(run)) {
      if (std::find(files.begin(), files.end(), file) == files.end() && fs::exists(file))
        files.push_back(file);
    }
  }
  try {
    load_all_plugins(context, files, options.plugin_paths);
  } catch (const PluginError& error) {
    context.terminal.warning(error.what());
  }
}

SweepResults read_sweep(const std::string& folder) {
  const SweepFolder sweep{fs::path(folder)};
  if (!sweep.holds_sweep())
    throw DataError(folder + " holds no sweep: it has no sweep.json. `generalizer sweep` makes one.");
  const auto json = nlohmann::ordered_json::parse(read_text(sweep.state()), nullptr, false);
  if (!json.is_object() || !json.contains("combinations"))
    throw DataError(sweep.state().string() + " is damaged: it has no combinations.");
  const bool audited = !json.contains("curve") || json["curve"].value("x", "") != "decoder_loss";
  return results_from_json(json["combinations"], audited ? "best_attacker_mse" : "decoder_loss");
}

/// Where the page goes: beside the run or the sweep, when there is one alone.
std::string default_file(const ReportOptions& options) {
  if (options.runs.size() == 1) return (fs::path(options.runs.front()) / "report.html").string();
  if (options.runs.empty()) return (fs::path(options.sweep) / "report.html").string();
  return "report.html";
}

ExitCode report_command(Context& context, const ReportOptions& options) {
  if (options.runs.empty() && options.sweep.empty())
    throw UsageError(
        "`report` needs a run folder, as in: generalizer report runs/fashion-generalizer, or a sweep: "
        "--sweep DIR.");
  Report report;
  if (!options.sweep.empty()) report.sweep = read_sweep(options.sweep);
  report.sweep_folder = options.sweep;
  load_plugins_of(context, options);
  for (const std::string& run : options.runs) report.runs.push_back(read_report_run(context, run));
  for (ReportRun& run : report.runs) {
    // Runs of one name, from folders of their own: the folder tells them apart.
    const auto same = std::count_if(report.runs.begin(), report.runs.end(), [&](const ReportRun& other) {
      return fs::path(other.folder).filename() == fs::path(run.folder).filename();
    });
    if (same > 1) run.name = run.folder;
  }
  report.version = GENERALIZER_VERSION;
  report.made = fmt::format("{:%Y-%m-%d}", fmt::localtime(std::time(nullptr)));
  const std::string out = options.out.empty() ? default_file(options) : options.out;
  const fs::path folder = fs::path(out).parent_path();
  if (!folder.empty() && !fs::is_directory(folder))
    throw Error("The folder " + folder.string() + ", in which " + out +
                " is to be made, is not there. Make it, or choose another with --out.");
  replace_file(out, report_page(report));
  print(out + "\n");
  return ExitCode::done;
}

}  // namespace

void add_report(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "report", "Show runs on one page for a browser: curves, pictures, the network, the audit");
  auto options = std::make_shared<ReportOptions>();
  command
      ->add_option("RUN", options->runs,
                   "Folders that `generalizer train` made; several are shown side by side")
      ->option_text(" ")
      ->check(not_empty());
  command->add_option("--sweep", options->sweep, "Show this sweep, too: its folder")
      ->type_name("DIR")
      ->check(not_empty());
  command
      ->add_option("-o,--out", options->out,
                   "File to make; without it report.html in the run's folder, for several runs in this one")
      ->type_name("FILE")
      ->check(not_empty());
  add_plugin_path_option(*command, options->plugin_paths);
  add_examples(*command,
               {{"report runs/fashion-generalizer", "one run, to runs/fashion-generalizer/report.html"},
                {"report runs/plain runs/strong --out both.html",
                 "two runs side by side, and where their graphs differ"},
                {"report --sweep sweeps/fashion-generalizer", "a sweep's curve and table"}});
  command->callback([options, &chosen] {
    chosen = [options](Context& context) { return report_command(context, *options); };
  });
}

}  // namespace generalizer
