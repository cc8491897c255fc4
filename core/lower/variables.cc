#include <cmath>
#include <numbers>
#include <set>

#include "generalizer/random.h"
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
  return all;
}

std::vector<double> initial_values(const VariableDeclaration& variable, std::uint64_t seed) {
  const Initializer::Kind kind = variable.initializer.kind;
  const double a = variable.initializer.a;
  const double b = variable.initializer.b;
  const auto count = static_cast<std::size_t>(variable.type.shape.elements());
  std::vector<double> values(count, a);
  const Philox random(seed, stream_of(variable.name.c_str()));
  if (kind == Initializer::Kind::uniform) {
    for (std::size_t i = 0; i < count; ++i) values[i] = a + (b - a) * random.uniform(i);
  } else if (kind == Initializer::Kind::normal) {
    for (std::size_t i = 0; i < count; ++i) {
      // 1 − u is in (0, 1], where the logarithm is finite.
      const double radius = std::sqrt(-2.0 * std::log(1.0 - random.uniform(2 * i)));
      values[i] = a + b * radius * std::cos(2.0 * std::numbers::pi * random.uniform(2 * i + 1));
    }
  }
  return values;
}

}  // namespace generalizer
