#include "lowering.h"

#include <algorithm>
#include <limits>
#include <set>
#include <string>

#include "generalizer/error.h"

namespace generalizer::onednn {

namespace {
constexpr NodeId at_the_end = std::numeric_limits<NodeId>::max();

/// Our kernels read f32, but for those ops that mix types by nature. Counters and sums of other types are single numbers: whatever else is
/// done with them, the reference kernel does as well.
bool is_for_floats(const Program& program, const Node& node) {
  static const std::set<std::string> mixed = {"accumulate",
                                              "adam_update",
                                              "cast",
                                              "constant_values",
                                              "count_correct",
                                              "fill",
                                              "gather_rows",
                                              "increment",
                                              "one_hot",
                                              "random_normal",
                                              "random_uniform",
                                              "scatter_add_rows",
                                              "select",
                                              "max_pool2d",
                                              "max_pool2d_backward",
                                              "softmax_cross_entropy",
                                              "softmax_cross_entropy_backward"};
  if (mixed.contains(node.op->name)) return true;
  const auto is_f32 = [&](ValueId value) { return program.value(value).type.dtype == DType::f32; };
  return std::all_of(node.inputs.begin(), node.inputs.end(), is_f32) &&
         std::all_of(node.outputs.begin(), node.outputs.end(), is_f32);
}
}  // namespace

Lowering::Lowering(const Program& program, Variables& variables, const dnnl::engine& engine,
                   const dnnl::stream& stream, Products products)
    : program_(program),
      variables_(variables),
      engine_(engine),
      stream_(stream),
      products_(products),
      fusion_(program),
      sources_(program.values().size()),
      last_reads_(program.values().size(), no_node),
      locations_(program.values().size()),
      rounded_(program.values().size()),
      variable_buffers_(program.values().size(), -1),
      assigned_(program.assignments().size()) {
  find_sources();
  find_last_reads();
}

Schedule Lowering::lower() {
  add_inputs();
  snapshot_assigned_variables();
  for (NodeId id = 0; id < static_cast<NodeId>(program_.nodes().size()); ++id) {
    current_ = id;
    if (!program_.node(id).op->view && !fusion_.is_absorbed(id)) lower_node(id);
  }
  current_ = at_the_end;
  finish_outputs();
  finish_assignments();
  return std::move(schedule_);
}

void Lowering::find_sources() {
  for (std::size_t value = 0; value < sources_.size(); ++value) sources_[value] = static_cast<ValueId>(value);
  for (const Node& node : program_.nodes()) {
    if (!node.op->view) continue;
    sources_[static_cast<std::size_t>(node.outputs[0])] = sources_[static_cast<std::size_t>(node.inputs[0])];
  }
}

void Lowering::find_last_reads() {
  const auto count = static_cast<NodeId>(program_.nodes().size());
  for (NodeId id = 0; id < count; ++id) {
    // A node that another does is read for where that one stands, which may be later.
    const NodeId reader = std::max(id, fusion_.done_by(id));
    for (const ValueId input : program_.node(id).inputs) {
      NodeId& last = last_reads_[source_of(input)];
      last = std::max(last, reader);
    }
  }
  for (const Output& output : program_.outputs()) last_reads_[source_of(output.value)] = at_the_end;
  for (const Assignment& assignment : program_.assignments())
    last_reads_[source_of(assignment.value)] = at_the_end;
}

void Lowering::add_inputs() {
  for (const ValueId input : program_.inputs()) {
    schedule_.owned.emplace_back(type(input).bytes());
    const BufferId buffer = add_buffer(type(input).bytes(), schedule_.owned.back().data());
    schedule_.inputs.push_back(buffer);
    locations_[source_of(input)] = {{plain(type(input)), buffer}};
  }
}

/// `a := b` means b as it was when the run began, and b may be assigned to as well.
void Lowering::snapshot_assigned_variables() {
  for (const Assignment& assignment : program_.assignments()) {
    const std::size_t source = source_of(assignment.value);
    if (!is_variable(source) || !locations_[source].empty()) continue;
    const Located from = variable(source, plain(type(assignment.value)));
    const Located to{from.layout, add_buffer(from.bytes())};
    copy(from, to);
    locations_[source] = {to};
  }
}

void Lowering::finish_outputs() {
  for (const Output& output : program_.outputs()) {
    Located where = read_plain(output.value);
    if (schedule_.buffers[static_cast<std::size_t>(where.buffer)].fixed != nullptr) {
      const Located own{where.layout, add_buffer(where.bytes())};
      copy(where, own);
      where = own;
    }
    schedule_.outputs.push_back(where.buffer);
  }
}

void Lowering::finish_assignments() {
  for (std::size_t i = 0; i < assigned_.size(); ++i) {
    if (assigned_[i]) continue;
    const auto& [target, value] = program_.assignments()[i];
    variables_.bind(program_.value(target).name, layout(value));
    const Located to = variable(source_of(target), layout(value));
    copy(read(value, to.layout), to);
  }
  for (const BufferId output : schedule_.outputs) touch(output);  // they live until the next run
}

void Lowering::lower_node(NodeId id) {
  const Node& node = program_.node(id);
  for (const ValueId value : node.outputs) {
    if (type(value).dtype == DType::f64 && type(value).shape.rank() > 0)
      refuse(node, "it computes in f32 only");
  }
  try {
    const LowerFunction lower = is_for_floats(program_, node) ? find_lowering(node.op->name) : nullptr;
    if (lower != nullptr) {
      lower(*this, node, id);
    } else if (node.op->cpu || node.op->reference) {
      lower_by_reference(*this, node, id);
    } else {
      refuse(node, "it has no kernel for this op, and the op brings no reference kernel, which would do");
    }
  } catch (const dnnl::error& error) {
    refuse(node, std::string("oneDNN says: ") + error.what());
  }
}

void Lowering::refuse(const Node& node, const std::string& why) const {
  const auto list = [&](const std::vector<ValueId>& values) {
    std::string text;
    for (const ValueId value : values) text += (text.empty() ? "" : ", ") + to_string(type(value));
    return text;
  };
  throw BackendError("backend \"onednn\" cannot do " + current_work() + ", (" + list(node.inputs) + ") → (" +
                     list(node.outputs) + "): " + why +
                     ". The backend \"reference\" runs every op, slowly, in f32 and f64.");
}

std::string Lowering::current_work() const {
  if (current_ < 0 || current_ == at_the_end) return "a reorder of program \"" + program_.name() + "\"";
  const Node& node = program_.node(current_);
  return node.op->name + " at " + (node.scope.empty() ? program_.name() : node.scope);
}

void Lowering::emit(dnnl::primitive primitive, const Descriptor& scratchpad,
                    const std::vector<Argument>& arguments) {
  for (const Argument& argument : arguments) touch(argument.where.buffer);
  schedule_.scratchpad_bytes =
      std::max(schedule_.scratchpad_bytes, static_cast<std::int64_t>(scratchpad.get_size()));
  schedule_.instructions.push_back(std::make_unique<PrimitiveInstruction>(
      current_work(), std::move(primitive), engine_, stream_, arguments, scratchpad));
}

void Lowering::emit(const std::vector<BufferId>& touched, std::function<void(const Pointers&)> kernel) {
  for (const BufferId buffer : touched) touch(buffer);
  schedule_.instructions.push_back(std::make_unique<KernelInstruction>(std::move(kernel)));
}

}  // namespace generalizer::onednn
