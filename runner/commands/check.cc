#include <fmt/format.h>
#include <unistd.h>

#include "commands/commands.h"
#include "data/splits.h"
#include "graph/draw_text.h"
#include "graph/warnings.h"
#include "lower/steps.h"
#include "lower/summary.h"
#include "terminal/format.h"
#include "terminal/table.h"
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
std::string dump_programs(const Graph& graph) {
  const std::int64_t batch = graph.spec().train.batch;
  std::string text = classifier_step(graph, batch).program.to_string();
  for (std::size_t decoder = 0; decoder < graph.decoders().size(); ++decoder) {
    text += "\n" + decoder_step(graph, decoder, batch).program.to_string();
  }
  return text + "\n" + evaluation(graph, batch).program.to_string();
}

std::string join_inputs(const LayerSummary& layer) { return join(layer.inputs, ", "); }

/// The connected graph, a line a layer: "classifier/embedding = dense(flatten) 32×128".
std::string dump_graph(const NetworkSummary& summary) {
  std::string text;
  for (const LayerSummary& layer : summary.layers) {
    text += fmt::format("{}/{} = {}({}) {}\n", layer.player, layer.name, layer.type, join_inputs(layer),
                        layer.output.to_string());
  }
  return text;
}

std::string layer_table(const NetworkSummary& summary) {
  using enum Table::Align;
  Table table({{"layer"}, {"type"}, {"from"}, {"output", right}, {"weights", right}, {"forward", right}});
  std::string player;
  for (const LayerSummary& layer : summary.layers) {
    if (!player.empty() && player != layer.player) table.add_rule();
    player = layer.player;
    table.add({layer.player + "/" + layer.name, layer.type, join_inputs(layer), layer.output.to_string(),
               format_count(layer.weights), format_flops(layer.flops)});
  }
  return table.to_string();
}

std::string step_table(const NetworkSummary& summary) {
  using enum Table::Align;
  Table table({{"step"},
               {"work", right},
               {"ops", right},
               {"weights read", right},
               {"moments read", right},
               {"values", right},
               {"without overlap", right}});
  for (const StepSummary& step : summary.steps) {
    table.add({step.name, format_flops(step.flops), format_count(step.nodes), format_bytes(step.weight_bytes),
               format_bytes(step.moment_bytes), format_bytes(step.arena_bytes),
               format_bytes(step.unshared_bytes)});
  }
  return table.to_string();
}

std::vector<std::string> taps_of(const Graph& graph, std::size_t decoder) {
  std::vector<std::string> taps;
  for (const Place& tap : graph.fastenings()[decoder].taps) taps.push_back(graph.name_of(tap));
  return taps;
}

/// How a decoder's loss enters the classifier's.
std::string effect_text(const DecoderSpec& decoder) {
  if (decoder.sign == Sign::none) return "none";
  return fmt::format("{}{}", decoder.sign == Sign::negative ? "−" : "+", decoder.weight);
}

/// The decoders, a line each: what each is fed, recreates and does to the classifier. "" when there is none.
std::string decoder_table(const Graph& graph) {
  using enum Table::Align;
  Table table({{"decoder"}, {"tap"}, {"target"}, {"loss"}, {"in the classifier's", right}, {"every", right}});
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    const DecoderSpec& decoder = graph.spec().decoders[i];
    table.add({decoder.name.text, join(taps_of(graph, i), ", "), graph.name_of(graph.fastenings()[i].target),
               terms_of(decoder.loss), effect_text(decoder), format_count(decoder.every)});
  }
  return table.empty() ? "" : table.to_string() + "\n";
}

nlohmann::ordered_json decoders_json(const Graph& graph) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    const DecoderSpec& decoder = graph.spec().decoders[i];
    const double weight = decoder.sign == Sign::none       ? 0.0
                          : decoder.sign == Sign::negative ? -decoder.weight
                                                           : decoder.weight;
    json.push_back({{"name", decoder.name.text},
                    {"taps", taps_of(graph, i)},
                    {"target", graph.name_of(graph.fastenings()[i].target)},
                    {"loss", terms_of(decoder.loss)},
                    {"in_classifier_loss", weight},
                    {"every", decoder.every}});
  }
  return json;
}

/// "no labels", "10 classes", "2 classes (cat, dog)".
std::string describe_classes(const Dataset& data) {
  constexpr std::size_t shown = 12;
  if (data.classes() == 0) return "no labels";
  std::vector<std::string> names = data.class_names();
  const bool more = names.size() > shown;
  if (more) names.resize(shown);
  return format_count(data.classes()) + (data.classes() == 1 ? " class" : " classes") +
         (names.empty() ? "" : " (" + join(names, ", ") + (more ? ", …)" : ")"));
}

std::string describe_data(const GraphSpec& spec, const Splits& data) {
  return fmt::format("data      {}: {} {} to train on, {}{} to test, {}, {}", spec.data.type.text,
                     format_count(data.train->size()), data.train->size() == 1 ? "image" : "images",
                     data.validation ? format_count(data.validation->size()) + " to validate on, " : "",
                     format_count(data.test->size()), data.train->image_shape().to_string(), describe_classes(*data.train));
}

std::string describe_backend(const std::string& name, const BackendReport& report) {
  if (!report.available) return fmt::format("backend   {}: NOT AVAILABLE HERE: {}", name, report.reason);
  return fmt::format("backend   {}: {}", name, join(report.devices));
}

nlohmann::ordered_json to_json(const NetworkSummary& summary) {
  nlohmann::ordered_json json;
  json["layers"] = nlohmann::ordered_json::array();
  for (const LayerSummary& layer : summary.layers) {
    const std::vector<std::int64_t> shape(layer.output.begin(), layer.output.end());
    json["layers"].push_back({{"player", layer.player},
                              {"name", layer.name},
                              {"type", layer.type},
                              {"inputs", layer.inputs},
                              {"output", shape},
                              {"weights", layer.weights},
                              {"flops", layer.flops}});
  }
  json["steps"] = nlohmann::ordered_json::array();
  for (const StepSummary& step : summary.steps) {
    json["steps"].push_back({{"name", step.name},
                             {"player", step.player},
                             {"flops", step.flops},
                             {"ops", step.nodes},
                             {"weight_bytes", step.weight_bytes},
                             {"moment_bytes", step.moment_bytes},
                             {"arena_bytes", step.arena_bytes},
                             {"unshared_bytes", step.unshared_bytes}});
  }
  json["weights"] = summary.weights;
  json["weight_bytes"] = summary.weight_bytes;
  json["moment_bytes"] = summary.moment_bytes;
  json["peak_bytes"] = summary.peak_bytes;
  return json;
}

nlohmann::ordered_json report_json(const Graph& graph, const Splits& data, const BackendReport& backend,
                                   const NetworkSummary& summary) {
  const GraphSpec& spec = graph.spec();
  const Shape image = data.train->image_shape();
  nlohmann::ordered_json json;
  json["name"] = spec.name;
  json["graph"] = spec.file;
  json["batch"] = summary.batch;
  json["data"] = {{"type", spec.data.type.text},
                  {"train", data.train->size()},
                  {"validation", data.validation ? data.validation->size() : 0},
                  {"test", data.test->size()},
                  {"image", std::vector<std::int64_t>(image.begin(), image.end())},
                  {"classes", data.train->classes()},
                  {"class_names", data.train->class_names()}};
  json["backend"] = {{"name", spec.backend.type.text},
                     {"available", backend.available},
                     {"reason", backend.reason},
                     {"devices", backend.devices}};
  json["warnings"] = nlohmann::ordered_json::array();
  for (const auto& warnings : {warnings_of(spec, graph.registry()), warnings_of(graph)}) {
    for (const Diagnostic& warning : warnings)
      json["warnings"].push_back({{"line", warning.where.line},
                                  {"column", warning.where.column},
                                  {"message", warning.message},
                                  {"hint", warning.hint}});
  }
  json["decoders"] = decoders_json(graph);
  json.update(to_json(summary));
  return json;
}

std::string report_text(const Graph& graph, const Splits& data, const BackendReport& backend,
                        const NetworkSummary& summary) {
  const GraphSpec& spec = graph.spec();
  return fmt::format(
      "{}\n{}\n{}\n\n{}\n{}Batch of {}:\n{}\n{} weights ({}) and {} of moments; at most {} at any time.\n",
      spec.name, describe_data(spec, data), describe_backend(spec.backend.type.text, backend),
      layer_table(summary), decoder_table(graph), summary.batch, step_table(summary),
      format_count(summary.weights), format_bytes(summary.weight_bytes), format_bytes(summary.moment_bytes),
      format_bytes(summary.peak_bytes));
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
    print(dump_graph(summary));
    return ExitCode::done;
  }
  warn(context.terminal, data, graph, summary);
  const BackendReport backend = context.registry.find_backend(spec.backend.type.text)->report();
  if (options.json) {
    print_json(report_json(graph, data, backend, summary));
  } else {
    print(report_text(graph, data, backend, summary));
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
