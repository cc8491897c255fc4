#include <fmt/format.h>

#include "commands/commands.h"
#include "commands/open_run.h"
#include "commands/train_report.h"
#include "interrupt.h"
#include "terminal/format.h"
#include "trainer/run_folder.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

struct TrainOptions {
  GraphOptions graph;
  std::string out;
  std::string resume;
  std::int64_t epochs = 0;  ///< 0: the graph's
  bool json = false;
};

/// CLI11's validators give back what is wrong, "" for nothing.
std::string at_least_one(const std::string& text) {
  const bool digits =
      !text.empty() && text.size() < 10 && text.find_first_not_of("0123456789") == std::string::npos;
  return digits && std::stoll(text) >= 1
             ? ""
             : "a whole number of at least 1 was expected, and \"" + text + "\" found";
}

/// Refuses what doesn't go together: a run that is resumed has its own graph, and changing it would make
/// another run of it.
void check_options(const TrainOptions& options) {
  if (options.resume.empty() && options.graph.graph.empty()) {
    throw UsageError(
        "`train` needs a graph file, as in: generalizer train graphs/fashion-generalizer.toml. To go on with "
        "a run: --resume RUN.");
  }
  if (options.resume.empty()) return;
  const std::string with = "--resume " + options.resume;
  if (!options.graph.graph.empty()) {
    throw UsageError(with + " goes on with the run's own graph; leave out the graph file " +
                     options.graph.graph + ", or leave out --resume to begin anew.");
  }
  if (!options.graph.sets.empty() || !options.graph.backend.empty()) {
    throw UsageError(with +
                     " goes on with the run's own graph, so --set and --backend can't change it. --epochs N "
                     "trains longer.");
  }
  if (!options.out.empty())
    throw UsageError(with + " goes on in the run's own folder; leave out --out " + options.out + ".");
}

/// What to say when a run is resumed that has come to its end.
std::string nothing_left(const std::string& run, const TrainingResult& result) {
  if (result.by_steps) {
    const std::int64_t steps = result.epochs.back().step;
    return fmt::format("{} has already trained all {} steps of its graph; a longer training is a new run, with --set "
                       "train.steps={}.",
                       run, format_count(steps), 2 * steps);
  }
  const std::size_t epochs = result.epochs.size();
  return fmt::format("{} has already trained all {} epochs; --epochs {} trains longer.", run, epochs, 2 * epochs);
}

TrainingResult work(Context& context, const TrainOptions& options, const Interrupt& interrupt,
                    TrainReport& report) {
  TrainingOptions training;
  training.out = options.out;
  training.command = context.command_line;
  training.stop_requested = [&interrupt] { return interrupt.requested(); };
  training.process_start = context.start;
  if (!options.resume.empty()) {
    require_folder(options.resume);
    load_all_plugins(context, plugins_of_run(options.resume), options.graph.plugin_paths);
    const RunFolder folder = RunFolder::open(options.resume);
    show_warnings(context, read_graph(folder.graph().string(), context.registry));
    const std::size_t before = folder.read_metrics().size();
    TrainingResult result = resume(options.resume, options.epochs, context.registry, training, report);
    if (result.end == TrainingEnd::finished && before > 0 && result.epochs.size() == before)
      context.terminal.note(nothing_left(options.resume, result));
    return result;
  }
  GraphOptions graph = options.graph;
  if (options.epochs > 0) graph.sets.push_back("train.epochs=" + std::to_string(options.epochs));
  return generalizer::train(load_graph(context, graph), context.registry, training, report);
}

nlohmann::ordered_json result_json(const TrainingResult& result) {
  nlohmann::ordered_json json;
  json["run"] = result.run;
  json["end"] = result.end == TrainingEnd::finished      ? "finished"
                : result.end == TrainingEnd::interrupted ? "interrupted"
                                                         : "stopped_early";
  if (!result.reason.empty()) json["reason"] = result.reason;
  json["checkpoint"] = result.checkpoint;
  if (result.best) {
    json["best"] = {{"epoch", result.best->epoch},
                    {"figure", result.best->figure},
                    {"value", result.best->value},
                    {"checkpoint", result.best->checkpoint}};
  }
  json["epochs"] = nlohmann::ordered_json::array();
  for (const EpochMetrics& metrics : result.epochs)
    json["epochs"].push_back(nlohmann::ordered_json(to_json(metrics)));
  return json;
}

ExitCode train_command(Context& context, const TrainOptions& options) {
  check_options(options);
  const Interrupt interrupt;
  TrainReport report(context.terminal);
  TrainingResult result;
  try {
    result = work(context, options, interrupt, report);
  } catch (...) {
    report.finish();
    throw;
  }
  report.finish();
  if (options.json) {
    print_json(result_json(result));
  } else {
    print(result.run + "\n");
  }
  if (!result.reason.empty()) context.terminal.note("The training " + result.reason + ".");
  if (const auto& best = result.best) {
    context.terminal.note(fmt::format("Best epoch by {}: {} ({}), kept as {}.", best->figure, best->epoch,
                                      format_figure_of(best->figure, best->value), best->checkpoint));
  }
  if (result.end == TrainingEnd::interrupted) {
    context.terminal.note("Stopped; everything is saved in " + result.checkpoint +
                          ". Go on with: generalizer train --resume " + result.run);
    return ExitCode::interrupted;
  }
  return ExitCode::done;
}

}  // namespace

void add_train(CLI::App& program, Action& chosen) {
  CLI::App* command =
      program.add_subcommand("train", "Train a graph; leaves a run folder, whose name is printed");
  auto options = std::make_shared<TrainOptions>();
  add_graph_argument(*command, options->graph);
  command
      ->add_option("--out", options->out,
                   "Run folder to make; without it runs/NAME, with a number where that is taken")
      ->type_name("DIR")
      ->check(not_empty());
  command
      ->add_option("--epochs", options->epochs,
                   "Train up to this epoch instead of the graph's; with --resume, too")
      ->type_name("N")
      ->check(CLI::Validator(at_least_one, ""));
  command
      ->add_option("--resume", options->resume,
                   "Go on with a run from its newest good checkpoint, to the same bytes as without a stop")
      ->type_name("RUN")
      ->check(not_empty());
  add_override_options(*command, options->graph);
  add_backend_option(*command, options->graph.backend);
  add_plugin_path_option(*command, options->graph.plugin_paths);
  add_json_option(*command, options->json);
  add_examples(*command, {{"train graphs/fashion-generalizer.toml --set train.epochs=2",
                           "trains the published network for 2 epochs"},
                          {"train my.toml --set decoder.weight=0.5 --out runs/half",
                           "a variant, in a folder of its own"},
                          {"train --resume runs/half", "goes on after Ctrl-C, which saves before it stops"}});
  command->callback([options, &chosen] {
    chosen = [options](Context& context) { return train_command(context, *options); };
  });
}

}  // namespace generalizer
