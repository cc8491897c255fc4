#pragma once

#include "lower/forward.h"

namespace generalizer {

/// `loss` and the stepping player's penalties: Σ l1·Σ|w| + l2·Σw² over the kernels (weights of two extents and more) of its
/// layers that ask for it and aren't frozen. `loss` itself where there are none.
Tensor with_penalties(Forward& forward, const Tensor& loss);

/// Appends what makes a forward pass a training step of the stepping player: gradients of `total` by its
/// weights, clipped as the optimiser's spec says, the optimiser's updates, its statistics, its step counter and
/// the health. What is frozen has no part in it. Returns the gate F[]: 1 while everything is well, 0 once a total
/// was no number; then nothing but the health moves.
Tensor train_on(Forward& forward, const Tensor& total, const OptimizerSpec& optimizer);

/// Adds `weight`·value to the metric's sum, unless the gate is 0: a step that failed must not poison the sums.
/// `value` is F[]; an undefined gate is always open.
void add_to_metric(Forward& forward, const std::string& name, const Tensor& value, double weight,
                   const Tensor& gate = {});

}  // namespace generalizer
