#include <set>

#include "lower/steps.h"

namespace generalizer {

std::vector<VariableDeclaration> all_variables(const Graph& graph) {
  const std::int64_t batch = graph.spec().train.batch;
  std::vector<VariableDeclaration> all;
  std::set<std::string> known;
  const auto add = [&](const StepProgram& step) {
    for (const VariableDeclaration& variable : step.variables) {
      if (known.insert(variable.name).second) all.push_back(variable);
    }
  };
  add(classifier_step(graph, batch));
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) add(decoder_step(graph, i, batch));
  add(evaluation(graph, batch));
  for (std::size_t i = 0; i < graph.decoders().size(); ++i) {
    const DecoderSpec& decoder = graph.spec().decoders[i];
    if (decoder.ceiling && decoder.ceiling->mean_image && decoder.member_of.empty()) add(mean_image_loss(graph, i, batch));
  }
  return all;
}

}  // namespace generalizer
