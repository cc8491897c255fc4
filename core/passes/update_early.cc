#include <algorithm>
#include <set>

#include "generalizer/op.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace generalizer {
namespace {

std::size_t at(std::int32_t id) { return static_cast<std::size_t>(id); }

/// Finds a new order for the nodes, one after the other in their old one.
class Order {
 public:
  explicit Order(const Program& program)
      : program_(program),
        sources_(program.values().size()),
        readers_(program.values().size()),
        assigned_(program.values().size()),
        kept_(program.values().size()) {
    for (std::size_t i = 0; i < sources_.size(); ++i) sources_[i] = static_cast<ValueId>(i);
    for (std::size_t n = 0; n < program.nodes().size(); ++n) {
      const Node& node = program.nodes()[n];
      if (node.op->view) sources_[at(node.outputs.front())] = source(node.inputs.front());
      for (const ValueId input : node.inputs) readers_[at(source(input))].push_back(static_cast<NodeId>(n));
    }
    for (const Assignment& assignment : program.assignments()) {
      assigned_[at(assignment.value)].push_back(assignment.variable);
      kept_[at(source(assignment.value))] = true;
    }
    for (const Output& output : program.outputs()) kept_[at(source(output.value))] = true;
  }

  /// `least`: bytes that a move has to release.
  std::vector<NodeId> find(std::int64_t least) {
    for (std::size_t n = 0; n < program_.nodes().size(); ++n) {
      const auto id = static_cast<NodeId>(n);
      const std::size_t place = is_update(id) ? earliest(id) : order_.size();
      const bool moves = place < order_.size() && released(id, place) >= least;
      order_.insert(moves ? order_.begin() + static_cast<std::ptrdiff_t>(place) : order_.end(), id);
    }
    return std::move(order_);
  }

 private:
  ValueId source(ValueId id) const { return sources_[at(id)]; }

  /// Whether all that the node makes goes into variables.
  bool is_update(NodeId id) const {
    const std::vector<ValueId>& outputs = program_.node(id).outputs;
    return std::all_of(outputs.begin(), outputs.end(), [&](ValueId v) { return !assigned_[at(v)].empty(); });
  }

  /// The place behind a node; the first one for none.
  std::size_t behind(NodeId id) const {
    if (id == no_node) return 0;
    return static_cast<std::size_t>(std::find(order_.begin(), order_.end(), id) - order_.begin()) + 1;
  }

  /// Behind all that makes the node's operands, and behind all who stood before it and read a variable that it
  /// changes: they would keep the update out of the variable's memory.
  std::size_t earliest(NodeId id) const {
    std::size_t place = 0;
    for (const ValueId input : program_.node(id).inputs)
      place = std::max(place, behind(program_.value(input).producer));
    for (const ValueId output : program_.node(id).outputs) {
      for (const ValueId variable : assigned_[at(output)]) {
        for (const NodeId reader : readers_[at(variable)]) {
          if (reader < id) place = std::max(place, behind(reader));
        }
      }
    }
    return place;
  }

  /// Bytes of the operands that nobody needs any more when the node has run at that place.
  std::int64_t released(NodeId id, std::size_t place) const {
    std::set<ValueId> operands;
    for (const ValueId input : program_.node(id).inputs) operands.insert(source(input));
    std::int64_t bytes = 0;
    for (const ValueId operand : operands) {
      const bool free = std::all_of(
          readers_[at(operand)].begin(), readers_[at(operand)].end(),
          [&](NodeId reader) { return reader == id || (reader < id && behind(reader) <= place); });
      const bool in_arena = program_.value(operand).kind == ValueKind::result && !kept_[at(operand)];
      if (free && in_arena) bytes += program_.value(operand).type.bytes();
    }
    return bytes;
  }

  const Program& program_;
  std::vector<ValueId> sources_;                ///< for each value what it is without views
  std::vector<std::vector<NodeId>> readers_;    ///< for each source, under any name
  std::vector<std::vector<ValueId>> assigned_;  ///< for each value the variables that take it
  std::vector<bool> kept_;                      ///< sources that live until the end
  std::vector<NodeId> order_;
};

}  // namespace

Program update_early(const Program& program, std::int64_t least) {
  Rewriter rewriter(program);
  rewriter.declare_all_variables();
  for (const NodeId id : Order(program).find(least)) rewriter.copy(program.node(id));
  return rewriter.finish();
}

}  // namespace generalizer
