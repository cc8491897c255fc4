#pragma once

#include <functional>
#include <map>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include <dnnl.hpp>

#include "fusion.h"
#include "generalizer/op.h"
#include "generalizer/program.h"
#include "layout.h"
#include "products.h"
#include "schedule.h"
#include "variables.h"

namespace generalizer::onednn {

/// Turns a program into a schedule, node after node. The functions in lower/ say how each op is done; this class knows where values lie
/// (placement.cc).
///
/// A value begins in the layout that its producer chose. A reader asks for the layout that it wants; where no earlier reader asked for the
/// same, a reorder is put in. A view is its source under other dimensions.
class Lowering {
 public:
  Lowering(const Program& program, Variables& variables, const dnnl::engine& engine,
           const dnnl::stream& stream, Products products);
  /// Throws `BackendError` naming op, scope and types for a node that can't be done.
  Schedule lower();

  const Program& program() const { return program_; }
  const dnnl::engine& engine() const { return engine_; }
  Products products() const { return products_; }
  const Fused& fused(NodeId node) const { return fusion_.of(node); }
  const TensorType& type(ValueId value) const { return program_.value(value).type; }
  const Shape& shape(ValueId value) const { return type(value).shape; }
  Dims dims(ValueId value) const { return dims_of(shape(value)); }

  // ── reading ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  /// The layout in which the value came to be; row-major for a variable that nobody has used yet.
  Descriptor layout(ValueId value) const;
  /// The value in a layout that describes the same number of elements. A variable that no program uses yet takes the layout on for good.
  Located read(ValueId value, const Descriptor& wanted);
  /// Whether that takes no reorder, now or in any later run.
  bool lies_in(ValueId value, const Descriptor& wanted) const;
  Located read_plain(ValueId value) { return read(value, plain(type(value))); }
  /// The same for an operand of a product that is computed in this way. A value is rounded once, however many products read it.
  Located read_operand(ValueId value, const Descriptor& wanted, Products products);

  // ── writing ────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  /// New memory for a result, or that of the variable that it is assigned to, where nobody reads the old content any more.
  Located write(ValueId result, const Descriptor& layout) { return place(result, layout, {}); }
  Located write_plain(ValueId result) { return write(result, plain(type(result))); }
  /// The same for kernels that read element i of these operands, all in this very layout, before they write element i: may take over the
  /// memory of one that nobody reads later.
  Located write_over(ValueId result, const Descriptor& layout,
                     const std::vector<std::pair<ValueId, Located>>& operands) {
    return place(result, layout, operands);
  }
  /// Memory for the instruction that comes next.
  BufferId scratch(std::int64_t bytes) { return add_buffer(bytes); }
  /// Memory whose content is settled now.
  Located constant(ValueId result, AlignedMemory content);

  // ── doing ──────────────────────────────────────────────────────────────────────────────────────────────────────────────────────────
  void emit(dnnl::primitive primitive, const Descriptor& scratchpad, const std::vector<Argument>& arguments);
  /// `touched`: every buffer that the kernel reads or writes.
  void emit(const std::vector<BufferId>& touched, std::function<void(const Pointers&)> kernel);

  /// What the backward op of a pooling needs of its forward op: kept by workspace.
  std::unordered_map<ValueId, dnnl::pooling_forward::primitive_desc> poolings;

 private:
  std::size_t source_of(ValueId value) const {
    return static_cast<std::size_t>(sources_[static_cast<std::size_t>(value)]);
  }
  void find_sources();
  void find_last_reads();
  void add_inputs();
  void snapshot_assigned_variables();
  void finish_outputs();
  void finish_assignments();
  void lower_node(NodeId id);
  std::string current_work() const;  ///< op and scope
  [[noreturn]] void refuse(const Node& node, const std::string& why) const;

  BufferId add_buffer(std::int64_t bytes, std::byte* fixed = nullptr);
  void touch(BufferId id);
  bool is_variable(std::size_t source) const { return program_.values()[source].kind == ValueKind::variable; }
  Located variable(std::size_t source, const Descriptor& layout_if_unused);
  Located reordered(const Located& from, const Descriptor& wanted);
  Located cast(std::size_t source, const Located& from, const Descriptor& wanted);
  Located rounded(ValueId value, const Descriptor& wanted);
  Located place(ValueId result, const Descriptor& layout,
                const std::vector<std::pair<ValueId, Located>>& operands);
  bool place_in_variable(std::size_t source, const Descriptor& layout, bool elementwise);
  void copy(const Located& from, const Located& to);

  const Program& program_;
  Variables& variables_;
  dnnl::engine engine_;
  dnnl::stream stream_;
  Products products_;
  FusionPlan fusion_;
  Schedule schedule_;
  std::vector<ValueId> sources_;    ///< by value: what it is a view of, itself for most
  std::vector<NodeId> last_reads_;  ///< by source: node that reads it last; INT32_MAX: needed at the end
  std::vector<std::vector<Located>>
      locations_;                           ///< by source: every layout it exists in, the first made first
  std::vector<std::vector<Located>> rounded_;  ///< by source: copies in f32, rounded to bf16
  std::vector<BufferId> variable_buffers_;  ///< by source; −1: none, or not used yet
  std::vector<bool> assigned_;              ///< by assignment: the value was made in the variable's memory
  NodeId current_ = no_node;
};

/// How one op is done.
using LowerFunction = void (*)(Lowering&, const Node&, NodeId);
/// nullptr: an op that this backend does not know.
LowerFunction find_lowering(const std::string& op);

/// Runs the op's reference kernel: what custom ops without a kernel of their own get. One thread, row-major.
void lower_by_reference(Lowering& lowering, const Node& node, NodeId id);

}  // namespace generalizer::onednn
