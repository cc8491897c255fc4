#pragma once

#include <vector>

#include "generalizer/program.h"

namespace generalizer::cuda {

/// What one call of a library computes: a matmul or a convolution, and the nodes that its call does besides (a bias, a relu, a gradient of theirs).
struct LibraryStep {
  std::vector<const Node*> nodes;  ///< the product first, then the others in the program's order
  std::vector<ValueId> operands;   ///< the product's operands as its node has them, then what else the nodes read and don't make, each once
  std::vector<ValueId> results;    ///< what they make and others read, in the order in which it is made; the rest lies nowhere
  const Node& product() const { return *nodes.front(); }
};

/// Who reads each value of a program.
class Readers {
 public:
  explicit Readers(const Program& program);
  const std::vector<const Node*>& of(ValueId id) const { return readers_[static_cast<std::size_t>(id)]; }
  /// Whether it is an output of the program or assigned to a variable.
  bool kept(ValueId id) const { return kept_[static_cast<std::size_t>(id)]; }

 private:
  std::vector<std::vector<const Node*>> readers_;
  std::vector<bool> kept_;
};

/// Whether a library computes the node: a matmul, or a convolution with padding that is the same on both sides.
///
/// Pooling and normalisation are left to kernels of our own. cuDNN's deterministic gradient of a largest-of-window reads the images and the result again,
/// where ours reads the index that the forward pass kept; it pads both sides alike; and of batch normalisation it computes the statistics in f32, not f64, and
/// takes passes over memory that a kernel made for the program shares with its neighbours.
bool by_library(const Node& node);
/// The nodes that the library's call for a product takes along, in the program's order; what such a node reads beside the call's own values may be made later
/// than the product, but not from the call's results: the plan drops the last nodes, one by one, until that holds.
std::vector<const Node*> taken_along(const Program& program, const Node& product, const Readers& readers);
/// The step of these nodes, with operands and results as its description says.
LibraryStep library_step(std::vector<const Node*> nodes, const Readers& readers);

}  // namespace generalizer::cuda
