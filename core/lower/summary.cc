#include "lower/summary.h"

#include <algorithm>

#include "generalizer/memory_plan.h"
#include "lower/steps.h"
#include "passes/passes.h"

namespace generalizer {
namespace {

bool is_state(VariableRole role) { return role == VariableRole::weight || role == VariableRole::statistic; }

std::int64_t bytes_where(const std::vector<VariableDeclaration>& variables, bool (*wanted)(VariableRole)) {
  std::int64_t bytes = 0;
  for (const VariableDeclaration& variable : variables) {
    if (wanted(variable.role)) bytes += variable.type.bytes();
  }
  return bytes;
}

/// `outside`: what each operand from outside is called.
void add_layers(const Player& player, const std::vector<std::string>& outside, NetworkSummary& summary) {
  for (const GraphLayer& layer : player.layers) {
    LayerSummary row{player.name, layer.spec->name.text, layer.spec->type.text,
                     {},          layer.output,          layer.weights,
                     layer.flops};
    for (const std::size_t operand : layer.inputs) {
      row.inputs.push_back(GraphLayer::is_outside(operand, player.layers.size())
                               ? outside[GraphLayer::tap_of(operand)]
                               : player.layers[operand].spec->name.text);
    }
    summary.weights += layer.weights;
    summary.layers.push_back(std::move(row));
  }
}

std::vector<std::string> tap_names(const Graph& graph, std::size_t decoder) {
  const std::vector<Place>& taps = graph.fastenings()[decoder].taps;
  if (taps.size() == 1) return {"tap"};
  std::vector<std::string> names;
  for (const Place& tap : taps) names.push_back(graph.name_of(tap));
  return names;
}

StepSummary summarize_step(const StepProgram& step, const std::string& player) {
  const ArenaPlan plan = plan_program(step.program);
  StepSummary summary;
  summary.name = step.program.name();
  summary.player = player;
  summary.flops = flops_of(step.program);
  summary.nodes = static_cast<std::int64_t>(step.program.nodes().size());
  summary.weight_bytes = bytes_where(step.variables, is_state);
  summary.moment_bytes =
      bytes_where(step.variables, [](VariableRole role) { return role == VariableRole::moment; });
  summary.arena_bytes = plan.size;
  summary.unshared_bytes = plan.unshared;
  return summary;
}

}  // namespace

NetworkSummary summarize(const Graph& graph) {
  const std::int64_t batch = graph.spec().train.batch;
  NetworkSummary summary;
  summary.name = graph.spec().name;
  summary.batch = batch;
  add_layers(graph.classifier(), {"image"}, summary);
  for (std::size_t i = 0; i < graph.decoders().size(); ++i)
    add_layers(graph.decoders()[i], tap_names(graph, i), summary);

  summary.steps.push_back(summarize_step(classifier_step(graph, batch), "classifier"));
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    summary.steps.push_back(summarize_step(decoder_step(graph, i, batch), graph.decoders()[i].name));
  }
  summary.steps.push_back(summarize_step(evaluation(graph, batch), ""));

  const std::vector<VariableDeclaration> variables = all_variables(graph);
  summary.weight_bytes = bytes_where(variables, is_state);
  summary.moment_bytes =
      bytes_where(variables, [](VariableRole role) { return role == VariableRole::moment; });
  summary.peak_bytes = bytes_where(variables, [](VariableRole) { return true; });
  std::int64_t largest = 0;
  for (const StepSummary& step : summary.steps) largest = std::max(largest, step.arena_bytes);
  summary.peak_bytes += largest;
  return summary;
}

}  // namespace generalizer
