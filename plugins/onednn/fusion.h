#pragma once

#include <vector>

#include "generalizer/program.h"

namespace generalizer::onednn {

/// What a node does besides its own work, so that the nodes for it need no pass over memory of their own.
struct Fused {
  NodeId bias = no_node;           ///< bias_add on the result of a conv2d or matmul
  NodeId activation = no_node;     ///< on the result of that, or of a batch_norm
  NodeId bias_gradient = no_node;  ///< channel_sum of the dy of a conv2d_backward_weights
  NodeId relu_gradient = no_node;  ///< relu_backward that makes the dy of a batch_norm_backward
};

/// Which nodes are done by others, found before anything is compiled.
class FusionPlan {
 public:
  explicit FusionPlan(const Program& program);

  const Fused& of(NodeId node) const { return fused_[static_cast<std::size_t>(node)]; }
  bool is_absorbed(NodeId node) const { return done_by_[static_cast<std::size_t>(node)] != node; }
  /// The node with which this one is done: where its operands are read and its results written. Itself for most.
  NodeId done_by(NodeId node) const { return done_by_[static_cast<std::size_t>(node)]; }

 private:
  void absorb(NodeId node, NodeId by) { done_by_[static_cast<std::size_t>(node)] = by; }
  NodeId only_reader(ValueId value) const;
  bool is_made_before(ValueId value, NodeId node) const;
  void fuse_forward(NodeId id);
  void fuse_bias_gradient(NodeId id);
  void fuse_relu_gradient(NodeId id);

  const Program& program_;
  std::vector<std::vector<NodeId>> readers_;
  std::vector<bool> kept_;  ///< outputs and assigned values: they must be in memory
  std::vector<Fused> fused_;
  std::vector<NodeId> done_by_;
};

/// Activations that oneDNN's kernels apply to their own result.
bool is_activation(const Node& node);

}  // namespace generalizer::onednn
