#include <algorithm>

#include "passes/passes.h"
#include "passes/rewriter.h"

namespace generalizer {
namespace {

/// For each value whether an output or an assignment depends on it.
std::vector<bool> needed_values(const Program& program) {
  std::vector<bool> needed(program.values().size(), false);
  const auto need = [&](ValueId id) { needed[static_cast<std::size_t>(id)] = true; };
  for (const Output& output : program.outputs()) need(output.value);
  for (const Assignment& assignment : program.assignments()) {
    need(assignment.variable);
    need(assignment.value);
  }
  for (auto node = program.nodes().rbegin(); node != program.nodes().rend(); ++node) {
    const auto is_needed = [&](ValueId id) { return needed[static_cast<std::size_t>(id)]; };
    if (std::any_of(node->outputs.begin(), node->outputs.end(), is_needed)) {
      std::for_each(node->inputs.begin(), node->inputs.end(), need);
    }
  }
  return needed;
}

}  // namespace

Program eliminate_dead_code(const Program& program) {
  const std::vector<bool> needed = needed_values(program);
  const auto is_needed = [&](ValueId id) { return needed[static_cast<std::size_t>(id)]; };
  Rewriter rewriter(program);
  for (const ValueId id : program.variables()) {
    if (is_needed(id)) rewriter.declare(id);
  }
  for (const Node& node : program.nodes()) {
    if (std::any_of(node.outputs.begin(), node.outputs.end(), is_needed)) rewriter.copy(node);
  }
  return rewriter.finish();
}

}  // namespace generalizer
