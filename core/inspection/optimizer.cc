#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "inspection/checks.h"
#include "inspection/derivative.h"

namespace generalizer {
namespace {

/// The program with what every variable is afterwards as an output "after NAME".
Program with_states(const Built& built) {
  Program program = *built.program;
  for (const Assignment& assignment : program.assignments())
    program.add_output("after " + program.value(assignment.variable).name, assignment.value);
  return program;
}

void take_over(const Numbers& outputs, Numbers& values) {
  for (const auto& [name, numbers] : outputs) values[name.substr(std::string("after ").size())] = numbers;
}

/// The moments that the update asks for and never updates, by their names.
std::string forgotten_moments(const Program& program) {
  const std::string prefix = "moment/";
  std::string names;
  for (const ValueId id : program.variables()) {
    const std::string& name = program.value(id).name;
    const bool assigned = std::any_of(program.assignments().begin(), program.assignments().end(),
                                      [id](const Assignment& assignment) { return assignment.variable == id; });
    if (name.starts_with(prefix) && !assigned) names += (names.empty() ? "\"" : ", \"") + name.substr(prefix.size()) + "\"";
  }
  return names;
}

double distance(const std::vector<double>& w) {
  double sum = 0.0;
  for (const double x : w) sum += (x - 0.25) * (x - 0.25);
  return sum;
}

}  // namespace

Finding check_optimizer(const std::vector<Use>& uses, const BackendType& reference) {
  constexpr int updates = 200;
  std::string figures;
  for (const Use& use : uses) {
    const Built built = use.built();
    if (const std::string names = forgotten_moments(*built.program); !names.empty())
      return failed("It asks for the moment " + names + " and never gives it a next value: call update_moment.");
    ProgramRunner runner(reference, with_states(built));
    Numbers values = built.values;

    values.at("gate") = {0.0};
    Numbers shut = values;
    take_over(runner.run(shut), shut);
    // The trainer holds back what an optimiser leaves open; the weight alone shows whether anything is no number.
    for (const double x : shut.at("weight")) {
      if (!std::isfinite(x)) return failed("On " + use.operands + ": a shut gate makes the weight no number.");
    }

    values.at("gate") = {1.0};
    const double before = distance(values.at("weight"));
    for (int step = 1; step <= updates; ++step) {
      values.at("step") = {static_cast<double>(step)};
      const std::vector<double> w = values.at("weight");
      for (std::size_t i = 0; i < w.size(); ++i) values.at("gradient")[i] = 2.0 * (w[i] - 0.25);
      take_over(runner.run(values), values);
    }
    const double after = distance(values.at("weight"));
    if (!(after < before)) {
      return failed(fmt::format("On {}: {} updates by the gradient of Σ(w − 1/4)² bring it from {:.4g} to {:.4g}, not down.",
                                use.operands, updates, before, after));
    }
    figures += fmt::format("{}{:.3g} → {:.3g}", figures.empty() ? "" : ", ", before, after);
  }
  return passed(fmt::format("Σ(w − 1/4)² by {} updates: {}", updates, figures));
}

}  // namespace generalizer
