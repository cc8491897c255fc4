#include "library_step.h"

#include <algorithm>

#include "generalizer/op.h"
#include "tensor_cores.h"

namespace generalizer::cuda {
namespace {

bool same_on_both_sides(const std::vector<std::int64_t>& padding) { return padding[0] == padding[1] && padding[2] == padding[3]; }

bool holds(const std::vector<ValueId>& ids, ValueId id) { return std::find(ids.begin(), ids.end(), id) != ids.end(); }

}  // namespace

Readers::Readers(const Program& program) : readers_(program.values().size()), kept_(program.values().size()) {
  for (const Node& node : program.nodes()) {
    for (const ValueId input : node.inputs) readers_[static_cast<std::size_t>(input)].push_back(&node);
  }
  for (const Assignment& assignment : program.assignments()) kept_[static_cast<std::size_t>(assignment.value)] = true;
  for (const Output& output : program.outputs()) kept_[static_cast<std::size_t>(output.value)] = true;
}

bool by_library(const Node& node) {
  if (is_matmul(node)) return true;
  return is_convolution(node) && same_on_both_sides(node.attributes.integers("padding"));
}

LibraryStep library_step(std::vector<const Node*> nodes, const Readers& readers) {
  LibraryStep step{std::move(nodes), {}, {}};
  std::vector<ValueId> made;
  step.operands = step.product().inputs;
  for (const Node* node : step.nodes) {
    for (const ValueId input : node->inputs) {
      if (!holds(made, input) && !holds(step.operands, input)) step.operands.push_back(input);
    }
    made.insert(made.end(), node->outputs.begin(), node->outputs.end());
  }
  for (const ValueId id : made) {
    const auto inside = [&](const Node* reader) { return std::find(step.nodes.begin(), step.nodes.end(), reader) != step.nodes.end(); };
    const std::vector<const Node*>& all = readers.of(id);
    // A value that nobody reads is still written.
    if (readers.kept(id) || all.empty() || !std::all_of(all.begin(), all.end(), inside)) step.results.push_back(id);
  }
  return step;
}

}  // namespace generalizer::cuda
