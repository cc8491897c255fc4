#include <algorithm>
#include <array>

#include "generalizer/ops.h"
#include "program/ops/definitions.h"

namespace generalizer {

std::span<const OpDefinition* const> builtin_ops() {
  static const std::array definitions{
      &ops::relu(),
      &ops::leaky_relu(),
      &ops::sigmoid(),
      &ops::tanh(),
      &ops::exp(),
      &ops::log(),
      &ops::sqrt(),
      &ops::rsqrt(),
      &ops::square(),
      &ops::abs(),
      &ops::sign(),
      &ops::reciprocal(),
      &ops::affine(),
      &ops::greater_equal(),
      &ops::is_finite(),
      &ops::stop_gradient(),
      &ops::scale_gradient(),
      &ops::erf(),
      &ops::relu_backward(),
      &ops::leaky_relu_backward(),
      &ops::sigmoid_backward(),
      &ops::tanh_backward(),
      &ops::add(),
      &ops::subtract(),
      &ops::multiply(),
      &ops::divide(),
      &ops::maximum(),
      &ops::minimum(),
      &ops::bias_add(),
      &ops::channel_sum(),
      &ops::reduce_sum(),
      &ops::reduce_mean(),
      &ops::reduce_max(),
      &ops::broadcast_to(),
      &ops::matmul(),
      &ops::conv2d(),
      &ops::conv2d_backward_data(),
      &ops::conv2d_backward_weights(),
      &ops::max_pool2d(),
      &ops::max_pool2d_backward(),
      &ops::avg_pool2d(),
      &ops::avg_pool2d_backward(),
      &ops::batch_norm(),
      &ops::batch_norm_backward(),
      &ops::batch_norm_inference(),
      &ops::normalize_rows(),
      &ops::normalize_rows_backward(),
      &ops::resize2d(),
      &ops::resize2d_backward(),
      &ops::softmax(),
      &ops::softmax_backward(),
      &ops::softmax_cross_entropy(),
      &ops::softmax_cross_entropy_backward(),
      &ops::mean_squared_error(),
      &ops::mean_squared_error_backward(),
      &ops::reshape(),
      &ops::transpose(),
      &ops::concat(),
      &ops::slice(),
      &ops::pad(),
      &ops::fill(),
      &ops::constant_values(),
      &ops::one_hot(),
      &ops::gather_rows(),
      &ops::scatter_add_rows(),
      &ops::cast(),
      &ops::random_uniform(),
      &ops::random_normal(),
      &ops::sgd_update(),
      &ops::momentum_update(),
      &ops::adam_update(),
      &ops::rmsprop_update(),
      &ops::increment(),
      &ops::select(),
      &ops::accumulate(),
      &ops::count_correct(),
  };
  return definitions;
}

const OpDefinition* find_builtin_op(const std::string& name) {
  const auto all = builtin_ops();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const OpDefinition* op) { return op->name == name; });
  return found == all.end() ? nullptr : *found;
}

}  // namespace generalizer
