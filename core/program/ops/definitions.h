#pragma once

#include "generalizer/op.h"

/// The built-in op definitions, one accessor an op; each is defined in the file named after it (or after its family).
namespace generalizer::ops {

const OpDefinition& relu();
const OpDefinition& leaky_relu();
const OpDefinition& sigmoid();
const OpDefinition& tanh();
const OpDefinition& exp();
const OpDefinition& log();
const OpDefinition& sqrt();
const OpDefinition& rsqrt();
const OpDefinition& square();
const OpDefinition& abs();
const OpDefinition& sign();
const OpDefinition& reciprocal();
const OpDefinition& affine();
const OpDefinition& greater_equal();
const OpDefinition& is_finite();
const OpDefinition& stop_gradient();
const OpDefinition& scale_gradient();
const OpDefinition& erf();
const OpDefinition& relu_backward();
const OpDefinition& leaky_relu_backward();
const OpDefinition& sigmoid_backward();
const OpDefinition& tanh_backward();
const OpDefinition& add();
const OpDefinition& subtract();
const OpDefinition& multiply();
const OpDefinition& divide();
const OpDefinition& maximum();
const OpDefinition& minimum();
const OpDefinition& bias_add();
const OpDefinition& channel_sum();
const OpDefinition& reduce_sum();
const OpDefinition& reduce_mean();
const OpDefinition& reduce_max();
const OpDefinition& broadcast_to();
const OpDefinition& matmul();
const OpDefinition& conv2d();
const OpDefinition& conv2d_backward_data();
const OpDefinition& conv2d_backward_weights();
const OpDefinition& max_pool2d();
const OpDefinition& max_pool2d_backward();
const OpDefinition& avg_pool2d();
const OpDefinition& avg_pool2d_backward();
const OpDefinition& batch_norm();
const OpDefinition& batch_norm_backward();
const OpDefinition& batch_norm_inference();
const OpDefinition& normalize_rows();
const OpDefinition& normalize_rows_backward();
const OpDefinition& resize2d();
const OpDefinition& resize2d_backward();
const OpDefinition& softmax();
const OpDefinition& softmax_backward();
const OpDefinition& softmax_cross_entropy();
const OpDefinition& softmax_cross_entropy_backward();
const OpDefinition& mean_squared_error();
const OpDefinition& mean_squared_error_backward();
const OpDefinition& reshape();
const OpDefinition& transpose();
const OpDefinition& concat();
const OpDefinition& slice();
const OpDefinition& pad();
const OpDefinition& fill();
const OpDefinition& constant_values();
const OpDefinition& one_hot();
const OpDefinition& gather_rows();
const OpDefinition& scatter_add_rows();
const OpDefinition& cast();
const OpDefinition& random_uniform();
const OpDefinition& random_normal();
const OpDefinition& sgd_update();
const OpDefinition& momentum_update();
const OpDefinition& adam_update();
const OpDefinition& rmsprop_update();
const OpDefinition& increment();
const OpDefinition& select();
const OpDefinition& accumulate();
const OpDefinition& count_correct();

}  // namespace generalizer::ops
