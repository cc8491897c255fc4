#pragma once

#include "lowering.h"

/// One function an op or family of ops; table.cc says which op is whose.
namespace generalizer::onednn {

void lower_unary(Lowering& lowering, const Node& node, NodeId id);  ///< elementwise, our loops
void lower_transcendental(Lowering& lowering, const Node& node,
                          NodeId id);                                ///< exp, log, sigmoid, tanh: oneDNN's
void lower_binary(Lowering& lowering, const Node& node, NodeId id);  ///< two operands, broadcast or not
void lower_activation_gradient(Lowering& lowering, const Node& node, NodeId id);
void lower_bias_add(Lowering& lowering, const Node& node, NodeId id);
void lower_channel_sum(Lowering& lowering, const Node& node, NodeId id);
void lower_reduction(Lowering& lowering, const Node& node, NodeId id);
void lower_broadcast_to(Lowering& lowering, const Node& node, NodeId id);
void lower_matmul(Lowering& lowering, const Node& node, NodeId id);
void lower_conv2d(Lowering& lowering, const Node& node, NodeId id);
void lower_conv2d_backward_data(Lowering& lowering, const Node& node, NodeId id);
void lower_conv2d_backward_weights(Lowering& lowering, const Node& node, NodeId id);
void lower_pool2d(Lowering& lowering, const Node& node, NodeId id);
void lower_pool2d_backward(Lowering& lowering, const Node& node, NodeId id);
void lower_batch_norm(Lowering& lowering, const Node& node, NodeId id);
void lower_batch_norm_backward(Lowering& lowering, const Node& node, NodeId id);
void lower_batch_norm_inference(Lowering& lowering, const Node& node, NodeId id);
void lower_normalize_rows(Lowering& lowering, const Node& node, NodeId id);
void lower_normalize_rows_backward(Lowering& lowering, const Node& node, NodeId id);
void lower_resize2d(Lowering& lowering, const Node& node, NodeId id);  ///< and its gradient
void lower_softmax(Lowering& lowering, const Node& node, NodeId id);
void lower_softmax_backward(Lowering& lowering, const Node& node, NodeId id);
void lower_softmax_cross_entropy(Lowering& lowering, const Node& node, NodeId id);
void lower_softmax_cross_entropy_backward(Lowering& lowering, const Node& node, NodeId id);
void lower_mean_squared_error(Lowering& lowering, const Node& node, NodeId id);
void lower_mean_squared_error_backward(Lowering& lowering, const Node& node, NodeId id);
void lower_count_correct(Lowering& lowering, const Node& node, NodeId id);
void lower_transpose(Lowering& lowering, const Node& node, NodeId id);
void lower_concat(Lowering& lowering, const Node& node, NodeId id);
void lower_slice(Lowering& lowering, const Node& node, NodeId id);
void lower_pad(Lowering& lowering, const Node& node, NodeId id);
void lower_fill(Lowering& lowering, const Node& node, NodeId id);
void lower_cast(Lowering& lowering, const Node& node, NodeId id);
void lower_constant_values(Lowering& lowering, const Node& node, NodeId id);
void lower_random(Lowering& lowering, const Node& node, NodeId id);
void lower_one_hot(Lowering& lowering, const Node& node, NodeId id);
void lower_gather_rows(Lowering& lowering, const Node& node, NodeId id);
void lower_scatter_add_rows(Lowering& lowering, const Node& node, NodeId id);
void lower_sgd_update(Lowering& lowering, const Node& node, NodeId id);
void lower_momentum_update(Lowering& lowering, const Node& node, NodeId id);
void lower_rmsprop_update(Lowering& lowering, const Node& node, NodeId id);
void lower_adam_update(Lowering& lowering, const Node& node, NodeId id);
void lower_increment(Lowering& lowering, const Node& node, NodeId id);
void lower_select(Lowering& lowering, const Node& node, NodeId id);
void lower_accumulate(Lowering& lowering, const Node& node, NodeId id);

/// A product of images, in a layout that isn't row-major, and one number for each channel; false, and nothing done, for any other node.
bool lower_channel_scale(Lowering& lowering, const Node& node);

// ── what several of them share ───────────────────────────────────────────────────────────────────────────────────────────────────────
/// Scratchpads are one piece of memory of the executable, not one a primitive.
dnnl::primitive_attr attributes_with_shared_scratchpad();
/// oneDNN's name and numbers of an activation.
struct Activation {
  dnnl::algorithm algorithm = dnnl::algorithm::eltwise_relu;
  float alpha = 0;
};
Activation activation_of(const Node& node);
/// The primitive applies the fused activation, if there is one, to its result.
void add_activation(dnnl::primitive_attr& attributes, const Program& program, const Fused& fused);
/// The value that a node and what is fused to it make.
ValueId result_of(const Program& program, const Node& node, const Fused& fused);
/// Whether our loops may run over padding and leave zeros there.
bool keeps_zero(const Node& node);

}  // namespace generalizer::onednn
