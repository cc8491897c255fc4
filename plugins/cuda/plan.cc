#include "plan.h"

#include <algorithm>
#include <deque>
#include <map>

#include "generalizer/op.h"

namespace generalizer::cuda {
namespace {

std::size_t at(ValueId id) { return static_cast<std::size_t>(id); }

/// A program with a node for each launch: what decides where values lie knows programs alone.
class Skeleton {
 public:
  explicit Skeleton(const Works& works) : works_(works), skeleton_(works.program().name()), there_(works.values(), no_value) {
    const Program& program = works.program();
    for (const ValueId id : program.inputs()) link(id, skeleton_.add_input(program.value(id).name, program.value(id).type));
    for (const ValueId id : program.variables()) link(id, skeleton_.add_variable(program.value(id).name, program.value(id).type));
    for (const Node& node : program.nodes()) {
      // What is filled once must not be written over, which goes for inputs.
      if (node.op->name == "constant_values")
        link(node.outputs[0], skeleton_.add_input("constant " + std::to_string(node.outputs[0]), program.value(node.outputs[0]).type));
    }
    add_kept_views(false);
  }

  /// Partial sums have as many bytes as `sizes` says.
  void add(const std::vector<ValueId>& reads, const std::vector<ValueId>& writes, std::vector<std::pair<std::size_t, std::size_t>> in_place,
           std::vector<std::size_t> workspaces, const Sizes& sizes) {
    std::vector<TensorType> types;
    for (const ValueId id : writes) types.push_back(sizes.partials(id) > 0 ? TensorType{DType::f64, Shape{sizes.partials(id)}} : works_.type(id));
    OpDefinition op;
    op.name = "launch";
    op.input_names = {"reads..."};
    op.infer = [types](const OpSignature&) { return types; };
    op.in_place = std::move(in_place);
    op.workspaces = std::move(workspaces);
    add_node(std::move(op), reads, writes);
  }

  void place(Plan& plan) {
    add_kept_views(true);
    for (const Assignment& assignment : works_.program().assignments()) skeleton_.assign(there(assignment.variable), there(assignment.value));
    for (const Output& output : works_.program().outputs()) skeleton_.add_output(output.name, there(output.value));
    const Placement placement = place_values(skeleton_, [&](ValueId from, ValueId to) {
      const TensorType &one = skeleton_.value(from).type, &other = skeleton_.value(to).type;
      return one.dtype == other.dtype && one.bytes() == other.bytes();
    });
    const std::vector<Lifetime> lifetimes = lifetimes_of(skeleton_, placement, [&](ValueId id) {
      // Constants and inputs have memory of their own: inputs are there several times.
      return skeleton_.value(id).kind == ValueKind::input ? std::int64_t{0} : skeleton_.value(id).type.bytes();
    });
    plan.arena = plan_arena(lifetimes, 256);

    std::vector<std::int64_t> offsets(works_.values());
    for (std::size_t id = 0; id < works_.values(); ++id) {
      const ValueId source = works_.source(static_cast<ValueId>(id)), known = there_[id] != no_value ? there_[id] : there_[at(source)];
      plan.placement.owner.push_back(known == no_value ? static_cast<ValueId>(id) : here_[at(placement.owner[at(known)])]);
      if (there_[id] != no_value) offsets[id] = plan.arena.offsets[at(there_[id])];
    }
    plan.arena.offsets = std::move(offsets);
    for (const Assignment& copy : placement.copies) plan.placement.copies.push_back({here_[at(copy.variable)], here_[at(copy.value)]});
  }

 private:
  ValueId there(ValueId id) const { return there_[at(id)] != no_value ? there_[at(id)] : there_[at(works_.source(id))]; }
  void link(ValueId here, ValueId there) {
    there_[at(here)] = there;
    here_.resize(std::max(here_.size(), at(there) + 1), no_value);
    here_[at(there)] = here;
  }

  void add_node(OpDefinition op, const std::vector<ValueId>& reads, const std::vector<ValueId>& writes) {
    ops_.push_back(std::move(op));
    std::vector<ValueId> inputs;
    for (const ValueId id : reads) inputs.push_back(there(id));
    const NodeId node = skeleton_.add_node(ops_.back(), std::move(inputs));
    for (std::size_t k = 0; k < writes.size(); ++k) link(writes[k], skeleton_.node(node).outputs[k]);
  }

  /// Outputs and assigned values that are another value under another shape: of results they come last, of others first, as it is then that these have the
  /// value which is meant.
  void add_kept_views(bool of_results) {
    const Program& program = works_.program();
    const auto add = [&](ValueId id) {
      const ValueId source = works_.source(id);
      const bool result = program.value(source).kind == ValueKind::result && !works_.is_constant(source);
      if (source == id || there_[at(id)] != no_value || result != of_results) return;
      OpDefinition op;
      op.name = "view";
      op.input_names = {"x"};
      op.infer = [type = program.value(id).type](const OpSignature&) { return std::vector{type}; };
      op.view = true;
      add_node(std::move(op), {source}, {id});
    };
    for (const Assignment& assignment : program.assignments()) add(assignment.value);
    for (const Output& output : program.outputs()) add(output.value);
  }

  const Works& works_;
  Program skeleton_;
  std::deque<OpDefinition> ops_;
  std::vector<ValueId> there_, here_;  ///< the skeleton's values, and back
};

class Planner {
 public:
  explicit Planner(const Program& program) : program_(program), readers_(program), works_(program), fusion_(works_), sizes_(works_, fusion_), skeleton_(works_) {}

  Plan take() {
    for (const Node& node : program_.nodes()) {
      if (node.op->name == "constant_values") plan_.constants.push_back(node.outputs[0]);
    }
    for (const Launch& launch : fusion_.launches()) launch.is_call() ? add_call(launch.segments.front()) : add_kernel(kernel_of(works_, fusion_, sizes_, launch, "NAME"));
    skeleton_.place(plan_);
    for (std::size_t id = 0; id < works_.values(); ++id) plan_.bytes.push_back(sizes_.bytes(static_cast<ValueId>(id)));
    for (const Assignment& copy : plan_.placement.copies) plan_.steps.emplace_back(CopyStep{copy.variable, copy.value});
    plan_.source = prelude();
    for (const Kernel& kernel : plan_.kernels) plan_.source += kernel.text;
    return std::move(plan_);
  }

 private:
  void add_call(const Segment& segment) {
    const Work& work = works_[segment.works.front()];
    if (work.form == Form::custom) {
      skeleton_.add(work.operands, work.results, work.node->op->in_place, work.node->op->workspaces, sizes_);
      plan_.steps.emplace_back(CustomStep{work.node});
      return;
    }
    LibraryStep step = library_step(nodes_of(segment), readers_);
    std::vector<ValueId> reads, writes;
    for (const ValueId id : step.operands) reads.push_back(works_.source(id));
    for (const ValueId id : step.results) {
      if (std::find(writes.begin(), writes.end(), works_.source(id)) == writes.end()) writes.push_back(works_.source(id));
    }
    skeleton_.add(reads, writes, {}, {}, sizes_);
    plan_.steps.emplace_back(std::move(step));
  }

  /// The product, and of the nodes that its call takes along those that were put with it, with the views between them.
  std::vector<const Node*> nodes_of(const Segment& segment) const {
    const auto first = std::find_if(segment.works.begin(), segment.works.end(), [&](std::size_t w) { return works_[w].form == Form::library; });
    const Node* product = works_[*first].node;
    std::vector<const Node*> nodes{product};
    for (const Node* node : taken_along(program_, *product, readers_)) {
      const bool taken = std::any_of(segment.works.begin(), segment.works.end(), [&](std::size_t w) { return works_[w].node == node; });
      const bool view = node->op->view && std::any_of(nodes.begin(), nodes.end(), [&](const Node* maker) { return maker->outputs[0] == node->inputs[0]; });
      if (taken || view) nodes.push_back(node);
    }
    while (nodes.back()->op->view) nodes.pop_back();
    return nodes;
  }

  /// Launches of one kind, on operands of the same shapes, share a kernel.
  void add_kernel(Kernel kernel) {
    const auto read_end = kernel.arguments.begin() + static_cast<std::ptrdiff_t>(kernel.reads);
    std::vector<std::pair<std::size_t, std::size_t>> in_place;
    for (const auto& [written, read] : kernel.in_place) in_place.emplace_back(written - kernel.reads, read);
    skeleton_.add({kernel.arguments.begin(), read_end}, {read_end, kernel.arguments.end()}, std::move(in_place), {}, sizes_);

    KernelStep step{0, std::move(kernel.arguments)};
    kernel.arguments.clear();
    const auto [known, fresh] = by_text_.emplace(kernel.text, plan_.kernels.size());
    step.kernel = known->second;
    if (fresh) {
      kernel.name = "kernel" + std::to_string(plan_.kernels.size());
      kernel.text.replace(kernel.text.find("NAME"), 4, kernel.name);
      plan_.kernels.push_back(std::move(kernel));
    }
    plan_.steps.emplace_back(std::move(step));
  }

  const Program& program_;
  Readers readers_;
  Works works_;
  Fusion fusion_;
  Sizes sizes_;
  Skeleton skeleton_;
  Plan plan_;
  std::map<std::string, std::size_t> by_text_;
};

}  // namespace

Plan plan_of(const Program& program) { return Planner(program).take(); }

std::vector<std::byte> constant_bytes(const Program& program, ValueId constant) {
  const Value& value = program.value(constant);
  const Node& node = program.node(value.producer);
  std::vector<std::byte> bytes(static_cast<std::size_t>(value.type.bytes()));
  const HostTensor memory{bytes.data(), value.type};
  node.op->reference({{}, {&memory, 1}, node.attributes});
  return bytes;
}

}  // namespace generalizer::cuda
