#include "tensor_cores.h"

#include <map>
#include <set>

#include "epilogue.h"
#include "generalizer/ops.h"
#include "tensor_core_ops.h"

namespace generalizer::cuda {
namespace {

/// Tensor cores take 16 bytes at a time along the channels.
constexpr std::int64_t kChannelsAtOnce = 4;

class Rewriting {
 public:
  explicit Rewriting(const Program& source) : source_(source), readers_(source), result_(source.name()), map_(source.values().size(), no_value) {
    result_.set_arithmetic(source.arithmetic());
    for (std::size_t id = 0; id < source.values().size(); ++id) {
      const Value& value = source.values()[id];
      if (value.kind == ValueKind::input) map_[id] = result_.add_input(value.name, value.type);
      if (value.kind == ValueKind::variable) map_[id] = result_.add_variable(value.name, value.type);
    }
  }

  Program take() {
    for (const Node& node : source_.nodes()) {
      if (done_.contains(&node)) continue;
      result_.set_scope(node.scope);
      if (is_matmul(node) && bf16() && is_f32(node)) {
        replace(node.outputs[0], add(matmul_bf16(), {copied(node.inputs[0]), copied(node.inputs[1])}, node.attributes));
      } else if (is_convolution(node) && is_f32(node)) {
        fills_tensor_cores(node) ? turn(node) : round(node);
      } else {
        copy(node, mapped(node.inputs));
      }
    }
    for (const Assignment& assignment : source_.assignments()) result_.assign(mapped(assignment.variable), mapped(assignment.value));
    for (const Output& output : source_.outputs()) result_.add_output(output.name, mapped(output.value));
    return std::move(result_);
  }

 private:
  bool bf16() const { return source_.arithmetic() == Arithmetic::bf16; }
  bool is_f32(const Node& node) const { return source_.value(node.outputs[0]).type.dtype == DType::f32; }
  bool is_there(ValueId id) const { return map_[static_cast<std::size_t>(id)] != no_value || last_.contains(id); }
  ValueId mapped(ValueId id) {
    ValueId& known = map_[static_cast<std::size_t>(id)];
    if (known == no_value) replace(id, add(*find_builtin_op("transpose"), {last_.at(id)}, {{"permutation", kFromLast}}));
    return known;
  }
  std::vector<ValueId> mapped(const std::vector<ValueId>& ids) {
    std::vector<ValueId> result;
    for (const ValueId id : ids) result.push_back(mapped(id));
    return result;
  }
  void replace(ValueId id, ValueId by) {
    map_[static_cast<std::size_t>(id)] = by;
    result_.rename(by, source_.value(id).name);
  }
  ValueId add(const OpDefinition& op, std::vector<ValueId> inputs, Attributes attributes = {}) {
    return result_.node(result_.add_node(op, std::move(inputs), std::move(attributes))).outputs[0];
  }
  void copy(const Node& node, std::vector<ValueId> inputs) {
    const std::vector<ValueId> made = result_.node(result_.add_node(*node.op, std::move(inputs), node.attributes)).outputs;
    for (std::size_t k = 0; k < made.size(); ++k) replace(node.outputs[k], made[k]);
  }

  template <class Make>
  ValueId once(std::map<ValueId, ValueId>& known, ValueId id, Make&& make) {
    const auto found = known.find(id);
    return found != known.end() ? found->second : known[id] = make();
  }
  ValueId copied(ValueId id) {
    return once(copies_, id, [&] { return add(bf16_copy(), {mapped(id)}); });
  }
  ValueId rounded(ValueId id) {
    if (!bf16()) return mapped(id);
    return once(rounded_, id, [&] { return add(round_to_bf16(), {mapped(id)}); });
  }
  ValueId turned(ValueId id) {
    return once(turned_, id, [&] {
      const auto made = last_.find(id);  // by a convolution: it lies so already
      if (made != last_.end()) return bf16() ? add(round_to_bf16(), {made->second}) : made->second;
      return add(*find_builtin_op("transpose"), {rounded(id)}, {{"permutation", kToLast}});
    });
  }

  /// Without groups, and with channels in fours on both sides. Others are left to cuDNN as they lie.
  bool fills_tensor_cores(const Node& node) const {
    if (!by_library(node) || node.attributes.integer("groups") != 1) return false;
    for (const ValueId id : {node.inputs[0], node.inputs[1], node.outputs[0]}) {
      if (source_.value(id).type.shape[1] % kChannelsAtOnce != 0) return false;
    }
    return true;
  }

  void round(const Node& node) { copy(node, {rounded(node.inputs[0]), rounded(node.inputs[1])}); }

  void turn(const Node& node) {
    std::vector<ValueId> operands = {turned(node.inputs[0]), turned(node.inputs[1])};
    ValueId result = node.outputs[0];
    const std::vector<const Node*> along = node.op->name == "conv2d" ? forward_epilogue(source_, node, readers_) : std::vector<const Node*>{};
    if (!along.empty() && is_there(along[0]->inputs[1])) {  // a bias that is there by now, and relu
      operands.push_back(mapped(along[0]->inputs[1]));
      done_.insert(along.begin(), along.end());
      result = along.back()->outputs[0];
    }
    last_[result] = add(channels_last(node.op->name), std::move(operands), node.attributes);
  }

  const Program& source_;
  Readers readers_;
  Program result_;
  std::vector<ValueId> map_;
  std::map<ValueId, ValueId> copies_, rounded_, turned_;
  std::map<ValueId, ValueId> last_;  ///< results with channels last, turned back where somebody reads them otherwise
  std::set<const Node*> done_;
};

}  // namespace

Program for_tensor_cores(const Program& program) {
  return program.arithmetic() == Arithmetic::exact ? program : Rewriting(program).take();
}

}  // namespace generalizer::cuda
