#include "work.h"

#include <algorithm>
#include <cctype>

#include "generalizer/error.h"
#include "generalizer/op.h"
#include "library_step.h"
#include "writer.h"

namespace generalizer::cuda {
namespace {

std::size_t at(ValueId id) { return static_cast<std::size_t>(id); }

const Emit* emitter_of(const std::string& op) {
  for (const auto* family : {&elementwise_kernels(), &movement_kernels(), &window_kernels(), &reduction_kernels(), &update_kernels()}) {
    const auto found = family->find(op);
    if (found != family->end()) return &found->second;
  }
  return nullptr;
}

Access joined(Access one, Access other) { return one == Access::none || one == other ? other : Access::memory; }

/// How a text reads what it calls `name`.
Access access_in(const std::string& text, const std::string& name) {
  Access access = Access::none;
  for (std::size_t found = text.find(name); found != std::string::npos; found = text.find(name, found + 1)) {
    const std::size_t end = found + name.size();
    const auto part_of_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; };
    if ((found > 0 && part_of_name(text[found - 1])) || (end < text.size() && part_of_name(text[end]))) continue;
    const std::string index = text.substr(end, 3);
    access = joined(access, index == "[i]" ? Access::element : index == "[0]" ? Access::scalar : index == "[g]" ? Access::group : Access::memory);
  }
  return access;
}

/// Of one operand.
Access find_access(const Work& work, std::size_t operand) {
  if (work.form == Form::blocks || work.form == Form::library || work.form == Form::custom || work.form == Form::finish) return Access::memory;
  const std::string name = "a" + std::to_string(operand);
  Access access = access_in(work.body, name);
  const auto look = [&](const std::string& text) {
    if (const Access here = access_in(text, name); here != Access::none) access = joined(access, here);
  };
  for (const Pass& pass : work.passes) look(pass.term);
  for (const auto& result : work.of_element) look(result.second);
  for (const auto& result : work.of_group) look(result.second);
  return access;
}

}  // namespace

bool Work::sums_elements() const {
  return std::any_of(passes.begin(), passes.end(), [](const Pass& pass) { return pass.partials == 0; });
}

Works::Works(const Program& program) : program_(program), kept_(program.values().size()), makers_(program.values().size(), kNobody) {
  for (std::size_t id = 0; id < program.values().size(); ++id) sources_.push_back(static_cast<ValueId>(id));
  for (const Node& node : program.nodes()) {
    if (node.op->view) sources_[at(node.outputs[0])] = source(node.inputs[0]);
  }
  for (const Assignment& assignment : program.assignments()) kept_[at(source(assignment.value))] = true;
  for (const Output& output : program.outputs()) kept_[at(source(output.value))] = true;

  for (const Node& node : program.nodes()) {
    if (node.op->view || node.op->name == "constant_values") continue;
    const Emit* emit = emitter_of(node.op->name);
    const bool library = by_library(node);
    if (!library && emit != nullptr) {
      (*emit)(Writer(*this, node));
    } else if (library || node.op->cuda) {
      Work work;
      work.form = library ? Form::library : Form::custom;
      work.node = &node;
      for (const ValueId id : node.inputs) work.operands.push_back(source(id));
      for (const ValueId id : node.outputs) work.results.push_back(source(id));
      add(std::move(work));
    } else {
      throw BackendError((node.scope.empty() ? "" : node.scope + ": ") + node.op->name +
                         " has no kernel for CUDA devices: give the op's definition one (OpDefinition::cuda), or choose backend = \"onednn\".");
    }
  }
}

ValueId Works::add_value(TensorType type) {
  added_.push_back(std::move(type));
  sources_.push_back(static_cast<ValueId>(values() - 1));
  makers_.push_back(kNobody);
  return sources_.back();
}

const TensorType& Works::type(ValueId id) const {
  return at(id) < program_.values().size() ? program_.value(id).type : added_[at(id) - program_.values().size()];
}

bool Works::is_constant(ValueId id) const {
  if (at(id) >= program_.values().size()) return false;
  const Value& value = program_.value(id);
  return value.kind == ValueKind::result && program_.node(value.producer).op->name == "constant_values";
}

const Work* Works::maker(ValueId id) const { return makers_[at(id)] == kNobody ? nullptr : &all_[makers_[at(id)]]; }

void Works::add(Work work) {
  const bool literal = std::all_of(work.operands.begin(), work.operands.end(), [&](ValueId id) { return maker(id) != nullptr && maker(id)->literal; });
  // Of other works than these, an element hangs on more than numbers.
  work.literal = work.form == Form::map && literal && (work.operands.empty() || work.items == 1);
  for (const ValueId id : work.results) makers_[at(id)] = all_.size();
  for (std::size_t k = 0; k < work.operands.size(); ++k) work.access.push_back(find_access(work, k));
  all_.push_back(std::move(work));
}

bool has_kernel(const std::string& op) { return emitter_of(op) != nullptr; }

}  // namespace generalizer::cuda
