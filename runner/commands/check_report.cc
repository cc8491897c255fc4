#include "commands/check_report.h"

#include <fmt/format.h>

#include "commands/commands.h"
#include "graph/draw_text.h"
#include "graph/warnings.h"
#include "terminal/format.h"
#include "terminal/table.h"

namespace generalizer {
namespace {

std::string join_inputs(const LayerSummary& layer) { return join(layer.inputs, ", "); }

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

/// Whether the classifier is to bring the decoder's output near mean images, rather than away from the truth.
bool toward_mean_images(const DecoderSpec& decoder) {
  return decoder.sign == Sign::negative &&
         (decoder.objective == Objective::uniform || decoder.objective == Objective::class_mean);
}

/// How a decoder's loss enters the classifier's.
std::string effect_text(const DecoderSpec& decoder) {
  if (decoder.sign == Sign::none) return "none";
  if (!decoder.member_of.empty()) return "with " + decoder.member_of;
  if (toward_mean_images(decoder))
    return fmt::format("+{} to the {}", decoder.weight, decoder.objective == Objective::uniform ? "mean image" : "class mean");
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
    const bool negative = decoder.sign == Sign::negative && !toward_mean_images(decoder);
    const double weight = decoder.sign == Sign::none ? 0.0 : negative ? -decoder.weight : decoder.weight;
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

std::string ahead_text(const CheckReport& report) {
  if (!report.not_ahead.empty()) return "\nNot compiled: " + report.not_ahead + "\n";
  if (report.ahead.empty()) return "";
  using enum Table::Align;
  Table table({{"step"}, {"kernels", right}, {"launches", right}, {"library calls", right}, {"values", right}, {"without overlap", right}});
  std::vector<std::string> targets;
  for (const StepAhead& step : report.ahead) {
    table.add({step.step, format_count(step.report.kernels), format_count(step.report.launches), format_count(step.report.library_calls),
               format_bytes(step.report.memory.arena), format_bytes(step.report.memory.unshared)});
    if (!step.report.targets.empty()) targets = step.report.targets;
  }
  return fmt::format("\nCompiled for {}{}:\n{}", report.graph.spec().backend.type.text, targets.empty() ? "" : " (" + join(targets, ", ") + ")",
                     table.to_string());
}

nlohmann::ordered_json ahead_json(const std::vector<StepAhead>& ahead) {
  nlohmann::ordered_json json = nlohmann::ordered_json::array();
  for (const StepAhead& step : ahead) {
    json.push_back({{"name", step.step},
                    {"kernels", step.report.kernels},
                    {"launches", step.report.launches},
                    {"library_calls", step.report.library_calls},
                    {"arena_bytes", step.report.memory.arena},
                    {"unshared_bytes", step.report.memory.unshared},
                    {"targets", step.report.targets}});
  }
  return json;
}

}  // namespace

std::string graph_text(const NetworkSummary& summary) {
  std::string text;
  for (const LayerSummary& layer : summary.layers) {
    text += fmt::format("{}/{} = {}({}) {}\n", layer.player, layer.name, layer.type, join_inputs(layer),
                        layer.output.to_string());
  }
  return text;
}

nlohmann::ordered_json check_json(const CheckReport& report) {
  const auto& [graph, data, backend, summary, ahead, not_ahead] = report;
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
  if (!ahead.empty()) json["backend"]["compiled"] = ahead_json(ahead);
  if (!not_ahead.empty()) json["backend"]["not_compiled"] = not_ahead;
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

std::string check_text(const CheckReport& report) {
  const auto& [graph, data, backend, summary, ahead, not_ahead] = report;
  const GraphSpec& spec = graph.spec();
  return fmt::format(
      "{}\n{}\n{}\n\n{}\n{}Batch of {}:\n{}\n{} weights ({}) and {} of moments; at most {} at any time.\n{}",
      spec.name, describe_data(spec, data), describe_backend(spec.backend.type.text, backend),
      layer_table(summary), decoder_table(graph), summary.batch, step_table(summary),
      format_count(summary.weights), format_bytes(summary.weight_bytes), format_bytes(summary.moment_bytes),
      format_bytes(summary.peak_bytes), ahead_text(report));
}

}  // namespace generalizer
