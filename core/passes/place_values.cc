#include <algorithm>
#include <optional>

#include "generalizer/memory_plan.h"
#include "generalizer/op.h"

namespace generalizer {
namespace {

std::size_t at(ValueId id) { return static_cast<std::size_t>(id); }

/// Joins values into buffers, starting from a buffer for each. A join is made only when no node, output or assignment
/// that reads something in the buffer can come after another value has been written there.
class Placer {
 public:
  Placer(const Program& program, const std::function<bool(ValueId, ValueId)>& may_share)
      : program_(program), may_share_(may_share), buffers_(program.values().size()) {
    placement_.owner.resize(program.values().size());
    for (std::size_t i = 0; i < buffers_.size(); ++i) {
      placement_.owner[i] = static_cast<ValueId>(i);
      buffers_[i].members = {static_cast<ValueId>(i)};
    }
    for (std::size_t n = 0; n < program.nodes().size(); ++n) {
      const Node& node = program.nodes()[n];
      for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        buffers_[at(node.inputs[i])].reads.push_back({static_cast<NodeId>(n), i});
      }
    }
    for (const Output& output : program.outputs()) buffers_[at(output.value)].shown = true;
    for (const Assignment& assignment : program.assignments()) buffers_[at(assignment.value)].assigned = true;
  }

  Placement place() {
    join_views();
    make_results_in_variables();
    make_results_in_place();
    check_outputs();
    order_copies();
    return std::move(placement_);
  }

 private:
  struct Read {
    NodeId node = no_node;
    std::size_t operand = 0;
  };
  /// Kept at the owner, for all members together.
  struct Buffer {
    std::vector<ValueId> members;
    std::vector<Read> reads;
    bool shown = false;     ///< a member is an output of the program
    bool assigned = false;  ///< a member is assigned to a variable, and so read when the nodes have run
  };

  ValueId owner(ValueId id) const { return placement_.owner[at(id)]; }
  Buffer& buffer(ValueId id) { return buffers_[at(owner(id))]; }
  const Buffer& buffer(ValueId id) const { return buffers_[at(owner(id))]; }

  bool may_share(ValueId from, ValueId to, bool view) const {
    if (may_share_) return may_share_(from, to);
    return view || program_.value(from).type == program_.value(to).type;
  }

  void join(ValueId into, ValueId id) {
    Buffer& target = buffer(into);
    Buffer source = std::move(buffer(id));
    for (const ValueId member : source.members) placement_.owner[at(member)] = owner(into);
    target.members.insert(target.members.end(), source.members.begin(), source.members.end());
    target.reads.insert(target.reads.end(), source.reads.begin(), source.reads.end());
    target.shown = target.shown || source.shown;
    target.assigned = target.assigned || source.assigned;
  }

  void join_views() {
    for (const Node& node : program_.nodes()) {
      if (node.op->view && may_share(node.inputs.front(), node.outputs.front(), true))
        join(node.inputs.front(), node.outputs.front());
    }
  }

  /// Whether `result` may be written over what the buffer of `old` holds: every reader has run before, or is the node
  /// itself, at an operand that its op declares in-place for this result. The node may not read the buffer a second
  /// time, under any name.
  bool may_overwrite(ValueId old, ValueId result) const {
    const Value& made = program_.value(result);
    const auto& pairs = program_.node(made.producer).op->in_place;
    std::size_t own_reads = 0;
    for (const Read& read : buffer(old).reads) {
      if (read.node < made.producer) continue;
      const std::pair pair{made.output_index, read.operand};
      if (read.node > made.producer || std::find(pairs.begin(), pairs.end(), pair) == pairs.end())
        return false;
      ++own_reads;
    }
    return own_reads <= 1;
  }

  bool is_workspace(ValueId id) const {
    const Value& value = program_.value(id);
    const auto& workspaces = program_.node(value.producer).op->workspaces;
    return std::find(workspaces.begin(), workspaces.end(), value.output_index) != workspaces.end();
  }

  /// An update is written straight into its variable where nobody reads the old value later. What a caller reads as
  /// an output stays out of variables: the next program may change them before it is read.
  bool can_be_made_in(ValueId variable, ValueId value) const {
    const ValueId source = owner(value);
    return program_.value(source).kind == ValueKind::result && !is_workspace(source) &&
           !buffer(source).shown && !buffer(variable).shown && !buffer(variable).assigned &&
           may_share(variable, source, false) && may_overwrite(variable, source);
  }

  void make_results_in_variables() {
    for (const Assignment& assignment : program_.assignments()) {
      if (owner(assignment.value) == assignment.variable) continue;  // keeps its value
      if (can_be_made_in(assignment.variable, assignment.value)) {
        join(assignment.variable, assignment.value);
      } else {
        placement_.copies.push_back(assignment);
      }
    }
  }

  void make_results_in_place() {
    for (const Node& node : program_.nodes()) {
      std::vector<ValueId> taken;  // buffers that this node's outputs are written to
      for (const auto& [output, operand] : node.op->in_place) {
        if (output >= node.outputs.size() || operand >= node.inputs.size())
          continue;  // one of a variable number of operands
        const ValueId result = node.outputs[output];
        const ValueId old = node.inputs[operand];
        if (owner(result) != result || program_.value(owner(old)).kind != ValueKind::result ||
            buffer(old).shown || buffer(old).assigned ||
            std::find(taken.begin(), taken.end(), owner(old)) != taken.end() ||
            !may_share(old, result, false) || !may_overwrite(old, result)) {
          continue;
        }
        join(old, result);
        taken.push_back(owner(old));
      }
    }
  }

  std::string name_of_program() const { return "program \"" + program_.name() + "\""; }

  void check_outputs() const {
    for (const Output& output : program_.outputs()) {
      for (const Assignment& copy : placement_.copies) {
        if (owner(output.value) != copy.variable) continue;
        throw Error(name_of_program() + ": output \"" + output.name + "\" is the variable \"" +
                    program_.value(copy.variable).name +
                    "\" from before the run, and the run changes it; give the old value memory of its own "
                    "with keep_old_values()");
      }
    }
  }

  /// A copy that reads a variable's old value goes before the copy that changes it.
  void order_copies() {
    std::vector<Assignment> pending = std::move(placement_.copies);
    placement_.copies.clear();
    while (!pending.empty()) {
      const auto next = std::find_if(pending.begin(), pending.end(), [&](const Assignment& copy) {
        return std::none_of(pending.begin(), pending.end(), [&](const Assignment& other) {
          return other.variable != copy.variable && owner(other.value) == copy.variable;
        });
      });
      if (next == pending.end()) {
        throw Error(name_of_program() + ": the variable \"" + program_.value(pending.front().variable).name +
                    "\" and others take each other's values in a circle; give the old values memory of their "
                    "own with keep_old_values()");
      }
      placement_.copies.push_back(*next);
      pending.erase(next);
    }
  }

  const Program& program_;
  const std::function<bool(ValueId, ValueId)>& may_share_;
  std::vector<Buffer> buffers_;
  Placement placement_;
};

}  // namespace

Placement place_values(const Program& program,
                       const std::function<bool(ValueId from, ValueId to)>& may_share) {
  return Placer(program, may_share).place();
}

}  // namespace generalizer
