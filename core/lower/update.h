#pragma once

#include "lower/forward.h"

namespace generalizer {

/// `loss` and the player's penalties: Σ l1·Σ|w| + l2·Σw² over the kernels (weights of two extents and more) of its
/// layers that ask for it and aren't frozen, and what its layers add themselves. `loss` itself where there are none; `loss` may be undefined.
Tensor with_penalties(Forward& forward, const std::string& player, const Tensor& loss);

/// A term of a player's loss whose gradient by the player's weights, all of them together, is scaled down to at most `limit` times the norm of the
/// player's own.
struct ClippedTerm {
  Tensor value;  ///< F[]
  double limit;
};

/// What one player learns in a step.
struct Learning {
  std::string player;
  const OptimizerSpec* optimizer;
  Tensor total;                      ///< F[]: of everything; no number moves nothing
  std::vector<ClippedTerm> clipped = {};
  Tensor free = {};                  ///< F[]: `total` without the clipped terms; undefined: there are none
  Tensor own = {};                   ///< F[]: of `free` what their gradients are compared with: the loss and the penalties
};

/// Appends what makes a forward pass a training step: for each player gradients of its total by its
/// weights, clipped as the optimiser's spec says, the optimiser's updates, its statistics, its step counter and
/// the health. What is frozen has no part in it. Returns the gate F[]: 1 while everything is well, 0 once a total
/// was no number; then nothing but the health moves.
Tensor train_on(Forward& forward, const std::vector<Learning>& learnings);

/// Adds `weight`·value to the metric's sum, unless the gate is 0: a step that failed must not poison the sums.
/// `value` is F[]; an undefined gate is always open.
void add_to_metric(Forward& forward, const std::string& name, const Tensor& value, double weight,
                   const Tensor& gate = {});

}  // namespace generalizer
