#include <fmt/format.h>
#include <unistd.h>

#include "commands/check_report.h"
#include "commands/commands.h"
#include "data/splits.h"
#include "generalizer/memory_plan.h"
#include "graph/warnings.h"
#include "lower/steps.h"
#include "terminal/format.h"
#include "trainer/steps.h"
#include "trainer/trainer.h"

namespace generalizer {
namespace {

struct CheckOptions {
  GraphOptions graph;
  std::string dump;
  bool json = false;
};

/// The graph's data, opened to know its shape and that all of it can be read.
Splits open_data(const GraphSpec& spec, const Registry& registry) {
  Splits data = open_splits(spec, registry);
  if (data.train->image_shape() != data.test->image_shape()) {
    throw DataError("The training images are " + data.train->image_shape().to_string() +
                    " and the test images " + data.test->image_shape().to_string() +
                    "; one network can't take both.");
  }
  return data;
}

/// Every step as a program, as the backend gets it.
std::vector<Program> programs_of(const Graph& graph) {
  const std::int64_t batch = graph.spec().train.batch;
  std::vector<Program> programs{classifier_step(graph, batch).program};
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) programs.push_back(decoder_step(graph, i, batch).program);
  programs.push_back(evaluation(graph, batch).program);
  return programs;
}

std::string dump_programs(const Graph& graph) {
  std::string text;
  for (const Program& program : programs_of(graph)) text += (text.empty() ? "" : "\n") + program.to_string();
  return text;
}

/// What is no mistake, and makes the training useless or impossible here.
void warn(const Terminal& terminal, const Splits& data, const Graph& graph, const NetworkSummary& summary) {
  const std::int64_t images = data.train->size();
  const std::vector<Diagnostic> warnings = warnings_of(graph);
  if (!warnings.empty()) terminal.note(render(warnings, "warning"));
  for (const std::string& sentence : decoders_never_due(graph.spec(), length_of(graph.spec().train, images)))
    terminal.warning(sentence);
  if (summary.batch > images) {
    terminal.warning(fmt::format("A batch is {} images, and there {} to train on: every epoch is one step.",
                                 format_count(summary.batch),
                                 images == 1 ? "is 1" : "are " + format_count(images)));
  }
  const std::int64_t memory = static_cast<std::int64_t>(sysconf(_SC_PHYS_PAGES)) * sysconf(_SC_PAGESIZE);
  if (memory > 0 && summary.peak_bytes > memory) {
    terminal.warning(fmt::format(
        "The training needs {} at a time, and this machine has {} of memory. A smaller [train] batch or "
        "smaller layers need less.",
        format_bytes(summary.peak_bytes), format_bytes(memory)));
  }
}

/// Whether every step has its kernels on the backend, and what they take, is known without its device.
void compile_ahead(const BackendType& backend, CheckReport& report) {
  if (!backend.compile_ahead) return;
  try {
    for (const Program& program : programs_of(report.graph))
      report.ahead.push_back({program.name(), backend.compile_ahead(keep_old_values(program))});
  } catch (const PluginError& error) {
    report.not_ahead = error.what();
  }
}

ExitCode check(Context& context, const CheckOptions& options) {
  const GraphSpec spec = load_graph(context, options.graph);
  if (options.dump == "resolved") {
    print(to_toml(spec));
    return ExitCode::done;
  }
  const Splits data = open_data(spec, context.registry);
  const Graph graph(spec, shape_of(*data.train), context.registry);
  if (options.dump == "program") {
    print(dump_programs(graph));
    return ExitCode::done;
  }
  check_weight_files(graph, all_variables(graph));
  const NetworkSummary summary = summarize(graph);
  if (options.dump == "graph") {
    print(graph_text(summary));
    return ExitCode::done;
  }
  warn(context.terminal, data, graph, summary);
  const BackendType& backend = *context.registry.find_backend(spec.backend.type.text);
  CheckReport report{graph, data, backend.report(), summary, {}, {}};
  compile_ahead(backend, report);
  if (options.json) {
    print_json(check_json(report));
  } else {
    print(check_text(report));
  }
  return ExitCode::done;
}

}  // namespace

void add_check(CLI::App& program, Action& chosen) {
  CLI::App* command =
      program.add_subcommand("check", "Say all that can be known of a graph without training it");
  auto options = std::make_shared<CheckOptions>();
  add_graph_argument(*command, options->graph)->required();
  command
      ->add_option("--dump", options->dump,
                   "Print instead: `resolved`, the graph file with every default; `graph`, the connected "
                   "layers; `program`, each step's ops")
      ->type_name("WHAT")
      ->check(CLI::IsMember({"resolved", "graph", "program"}));
  add_override_options(*command, options->graph);
  add_backend_option(*command, options->graph.backend);
  add_plugin_path_option(*command, options->graph.plugin_paths);
  add_json_option(*command, options->json);
  add_examples(
      *command,
      {{"check graphs/fashion-generalizer.toml", "layers, shapes, weights, work and memory of each step"},
       {"check my.toml --set classifier.layers.embedding.units=64 --json",
        "the same of a variant, for a script"},
       {"check my.toml --dump resolved", "the graph file with every default written out"}});
  command->callback(
      [options, &chosen] { chosen = [options](Context& context) { return check(context, *options); }; });
}

}  // namespace generalizer
