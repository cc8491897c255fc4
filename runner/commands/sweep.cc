#include "sweep/sweep.h"

#include <fmt/format.h>

#include <filesystem>
#include <thread>

#include "commands/commands.h"
#include "interrupt.h"
#include "plugin/loader.h"
#include "support/files.h"
#include "sweep/slurm.h"
#include "sweep/verify.h"
#include "sweep/words.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

struct SweepOptions {
  GraphOptions graph;
  std::vector<std::string> over;
  std::vector<std::string> cases;
  std::int64_t seeds = 1;
  std::int64_t jobs = 1;
  std::string out;
  std::string resume;
  bool audit = true;
  std::vector<std::string> audit_arguments;  ///< each a text of several words
  std::string baseline;
  bool slurm = false;
  bool gather = false;
  std::int64_t task = 0;  ///< from 1; 0: all
  bool json = false;
};

/// Refuses what doesn't go together.
void check_options(const CLI::App& command, const SweepOptions& options) {
  if (options.resume.empty() && options.graph.graph.empty()) {
    throw UsageError(
        "`sweep` needs a graph file, as in: generalizer sweep my.toml --over decoder.weight=0,1,2 --seeds 3. "
        "To go on with a sweep: --resume DIR.");
  }
  if (options.resume.empty()) {
    if (options.graph.graph == "-")
      throw UsageError("A sweep reads its graph many times, so it can't be standard input; give a file.");
    if (options.over.empty() && options.cases.empty())
      throw UsageError(
          "A sweep needs something to vary: --over KEY=VALUE,VALUE,… or --case KEY=VALUE,…, such as --over "
          "decoder.weight=0,1,2.");
    return;
  }
  for (const char* name : {"GRAPH", "--over", "--case", "--seeds", "--out", "--set", "--backend",
                           "--no-audit", "--audit-args", "--baseline", "--plugin-path"}) {
    if (command.get_option(name)->count() > 0)
      throw UsageError(
          fmt::format("--resume {} goes on with the sweep that is in there; leave out {}, or leave out "
                      "--resume to begin another.",
                      options.resume, name));
  }
}

SweepPlan plan_of(const SweepOptions& options) {
  SweepPlan plan;
  plan.folder = fs::current_path().string();
  plan.graph = fs::absolute(options.graph.graph).lexically_normal().string();
  plan.sets = options.graph.sets;
  plan.backend = options.graph.backend;
  for (const std::string& path : options.graph.plugin_paths)
    plan.plugin_paths.push_back(fs::absolute(path).lexically_normal().string());
  for (const std::string& text : options.over) plan.axes.push_back(parse_axis(text));
  for (const std::string& text : options.cases) plan.cases.push_back(parse_case(text));
  plan.seeds = options.seeds;
  plan.audit = options.audit;
  for (const std::string& text : options.audit_arguments) {
    for (std::string& word : words_of(text, "--audit-args")) plan.audit_arguments.push_back(std::move(word));
  }
  if (!options.baseline.empty()) plan.baseline = parse_case(options.baseline);
  return plan;
}

fs::path default_folder(const SweepOptions& options) {
  return fs::path("sweeps") / fs::path(options.graph.graph).stem();
}

/// The plan at hand, checked; the folder made, or found to hold the same sweep.
struct Prepared {
  SweepFolder folder;
  SweepPlan plan;
  std::vector<GraphSpec> specs;
  Baselines baselines;
};

Prepared prepare(Context& context, const SweepOptions& options) {
  const bool resumed = !options.resume.empty();
  const fs::path path = resumed               ? fs::path(options.resume)
                        : options.out.empty() ? default_folder(options)
                                              : fs::path(options.out);
  SweepFolder folder(fs::absolute(path).lexically_normal());
  SweepPlan plan = resumed ? folder.read_plan() : plan_of(options);
  if (!resumed && folder.holds_sweep()) {
    const SweepPlan held = folder.read_plan();
    require_same(held, plan, path.string());
    plan = held;
  }
  std::vector<GraphSpec> specs = check_combinations(context, plan);
  Baselines baselines = baselines_of(plan, specs);
  if (folder.holds_sweep()) {
    folder.require_unchanged(specs.front());
  } else {
    folder.create(plan, specs.front());
  }
  return {std::move(folder), std::move(plan), std::move(specs), std::move(baselines)};
}

void show(const SweepOptions& options, const Prepared& sweep, const SweepResults& results,
          const Context& context) {
  if (options.json) {
    nlohmann::ordered_json json;
    json["folder"] = sweep.folder.path().string();
    json["curve"] = {{"x", results.forgetting}, {"y", "test_accuracy"}};
    json["combinations"] = to_json(results);
    print_json(json);
  } else {
    print(table_text(results));
    context.terminal.note(fmt::format(
        "95 % confidence over seeds (Student's t). {} and {} hold the table and the trade-off curve.",
        sweep.folder.table().string(), sweep.folder.curve().string()));
  }
}

ExitCode write_job(const Context& context, const Prepared& sweep) {
  const SlurmJob job{running_program(), sweep.plan.folder, sweep.folder.path().string(),
                     sweep.specs.front().name, sweep.specs.size()};
  replace_file(sweep.folder.job(), slurm_script(job));
  fs::permissions(sweep.folder.job(), fs::perms::owner_exec | fs::perms::group_exec | fs::perms::others_exec,
                  fs::perm_options::add);
  print(sweep.folder.job().string() + "\n");
  context.terminal.note(fmt::format(
      "A job array of {} tasks; send it off with: sbatch {}\nThen gather table and curve with: generalizer "
      "sweep --resume {} --gather",
      job.combinations, shell_word(sweep.folder.job().string()), shell_word(sweep.folder.path().string())));
  return ExitCode::done;
}

ExitCode sweep_command(Context& context, const CLI::App& command, const SweepOptions& options) {
  check_options(command, options);
  const Interrupt interrupt;
  const Prepared sweep = prepare(context, options);
  if (options.slurm) return write_job(context, sweep);
  if (options.gather) {
    const SweepLock lock(sweep.folder.path());
    const SweepResults results = gather(sweep.folder, sweep.plan, sweep.specs, sweep.baselines);
    sweep.folder.write(sweep.plan, results);
    show(options, sweep, results, context);
    return ExitCode::done;
  }
  SweepWork work{running_program(), static_cast<std::size_t>(options.jobs), std::nullopt,
                 [&interrupt] { return interrupt.requested(); }};
  if (options.task > static_cast<std::int64_t>(sweep.specs.size()))
    throw UsageError(
        fmt::format("--task {}: this sweep has {} combinations.", options.task, sweep.specs.size()));
  if (options.task > 0) work.only = static_cast<std::size_t>(options.task - 1);
  const SweepEnd end =
      run_sweep(sweep.folder, sweep.plan, sweep.specs, sweep.baselines, work, context.terminal);
  show(options, sweep, end.results, context);
  if (end.interrupted) {
    context.terminal.note(
        "Stopped; what is done is kept. Go on with the same command, or: generalizer sweep --resume " +
        shell_word(sweep.folder.path().string()));
    return ExitCode::interrupted;
  }
  if (end.failed == 0) return ExitCode::done;
  context.terminal.error(fmt::format(
      "{} of the runs failed; they are named above. The same command tries them again.", end.failed));
  return ExitCode::failed;
}

CLI::Validator whole_number(std::int64_t most) {
  return CLI::Validator(
      [most](const std::string& text) {
        const bool digits =
            !text.empty() && text.size() < 8 && text.find_first_not_of("0123456789") == std::string::npos;
        if (digits && std::stoll(text) >= 1 && std::stoll(text) <= most) return std::string();
        return fmt::format("a whole number from 1 to {} was expected, and \"{}\" found", most, text);
      },
      "");
}

void add_variation_options(CLI::App& command, SweepOptions& options) {
  command
      .add_option("--over", options.over,
                  "Vary a key of the graph over these values; repeatable: all combinations are run")
      ->type_name("KEY=A,B,…")
      ->allow_extra_args(false);
  command.add_option("--case", options.cases, "One more combination, beside the grid of --over; repeatable")
      ->type_name("KEY=VALUE,KEY=VALUE,…")
      ->allow_extra_args(false);
  command
      .add_option("--seeds", options.seeds,
                  "Runs of each combination, with the graph's seed and those after it")
      ->type_name("N")
      ->check(whole_number(10000));
}

void add_work_options(CLI::App& command, SweepOptions& options) {
  command.add_option("--jobs", options.jobs, "Runs at a time, each on its part of the cores")
      ->type_name("N")
      ->check(whole_number(4096));
  command
      .add_option("--out", options.out,
                  "The sweep's folder; without it sweeps/GRAPH. A sweep that is in there goes on")
      ->type_name("DIR")
      ->check(not_empty());
  command
      .add_option("--resume", options.resume, "Go on with the sweep in this folder, as its command line said")
      ->type_name("DIR")
      ->check(not_empty());
  command.add_flag("--audit,!--no-audit", options.audit,
                   "Audit every run with fresh attackers (the default), or only train");
  command
      .add_option(
          "--audit-args", options.audit_arguments,
          "More options for each `generalizer audit`, in one text: --audit-args=\"--seeds 3\"; repeatable")
      ->type_name("TEXT")
      ->allow_extra_args(false);
  command
      .add_option("--baseline", options.baseline,
                  "Compare with the combinations that have these values, such as decoder.weight=0; without "
                  "it with those that have no negative term")
      ->type_name("KEY=VALUE,…");
  command.add_flag("--slurm", options.slurm,
                   "Run nothing: write a Slurm job array, DIR/job.sh, of one task a combination");
  command.add_flag("--gather", options.gather, "Run nothing: make table and curve of what is finished");
  command.add_option("--task", options.task, "Run this combination alone, by its number in the table")
      ->type_name("N")
      ->check(whole_number(9999999));
}

}  // namespace

void add_sweep(CLI::App& program, Action& chosen) {
  CLI::App* command = program.add_subcommand(
      "sweep", "Train and audit a graph in many variants: one table, one trade-off curve");
  auto options = std::make_shared<SweepOptions>();
  add_graph_argument(*command, options->graph);
  add_variation_options(*command, *options);
  add_work_options(*command, *options);
  add_override_options(*command, options->graph);
  add_backend_option(*command, options->graph.backend);
  add_plugin_path_option(*command, options->graph.plugin_paths);
  add_json_option(*command, options->json);
  add_examples(
      *command,
      {{"sweep graphs/fashion-generalizer.toml --over decoder.weight=0,0.5,1,2,4 --seeds 5 --jobs 2",
        "the trade-off between accuracy and forgetting, with confidence intervals"},
       {"sweep my.toml --over decoder.weight=1,2 --case decoder.weight=0 --set train.epochs=4 --no-audit",
        "a grid and one combination more, only trained"},
       {"sweep --resume sweeps/my", "goes on after an interruption; so does the same command"},
       {"sweep my.toml --over decoder.weight=0,1,2 --seeds 5 --slurm", "a job array for a cluster"}});
  command->callback([options, command, &chosen] {
    chosen = [options, command](Context& context) { return sweep_command(context, *command, *options); };
  });
}

}  // namespace generalizer
