#include <map>
#include <set>

#include "generalizer/memory_plan.h"
#include "generalizer/ops.h"
#include "passes/rewriter.h"

namespace generalizer {
namespace {

/// For each value what it is under another name: views are followed to their source.
std::vector<ValueId> sources_of(const Program& program) {
  std::vector<ValueId> sources(program.values().size());
  for (std::size_t i = 0; i < sources.size(); ++i) sources[i] = static_cast<ValueId>(i);
  for (const Node& node : program.nodes()) {
    if (!node.op->view) continue;
    sources[static_cast<std::size_t>(node.outputs.front())] =
        sources[static_cast<std::size_t>(node.inputs.front())];
  }
  return sources;
}

/// The values that need a copy in memory of its own.
std::set<ValueId> values_to_copy(const Program& program) {
  const std::vector<ValueId> sources = sources_of(program);
  const auto source = [&](ValueId id) { return sources[static_cast<std::size_t>(id)]; };
  std::set<ValueId> changed;  // variables that are another value after the run
  for (const Assignment& assignment : program.assignments()) {
    if (source(assignment.value) != assignment.variable) changed.insert(assignment.variable);
  }
  std::set<ValueId> copied;
  for (const Assignment& assignment : program.assignments()) {
    if (source(assignment.value) != assignment.variable && changed.contains(source(assignment.value)))
      copied.insert(assignment.value);
  }
  for (const Output& output : program.outputs()) {
    if (program.value(source(output.value)).kind != ValueKind::result) copied.insert(output.value);
  }
  return copied;
}

}  // namespace

Program keep_old_values(const Program& program) {
  const std::set<ValueId> wanted = values_to_copy(program);
  if (wanted.empty()) return program;
  Rewriter rewriter(program);
  rewriter.declare_all_variables();
  for (const Node& node : program.nodes()) rewriter.copy(node);

  std::map<ValueId, ValueId> copies;
  for (const ValueId id : wanted) {
    const Value& value = program.value(id);
    rewriter.result().set_scope(value.kind == ValueKind::result ? program.node(value.producer).scope
                                                                : value.name);
    const NodeId node = rewriter.result().add_node(*find_builtin_op("cast"), {rewriter(id)},
                                                   {{"dtype", name_of(value.type.dtype)}});
    copies[id] = rewriter.result().node(node).outputs.front();
  }
  return rewriter.finish(copies);
}

}  // namespace generalizer
