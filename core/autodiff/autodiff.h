#pragma once

#include <span>
#include <vector>

#include "generalizer/program.h"

namespace generalizer {

/// Appends to the program the gradients of a scalar by `variables` (any values), by reverse mode over the ops'
/// gradient rules (Griewank, Walther, 2008, "Evaluating derivatives"), adding up where a value has several readers.
/// Nodes that no wanted value reaches get no gradient, so a decoder's step has none below its tap. A value that the
/// loss doesn't depend on gets zeros. `seed` is the gradient of the loss by itself; undefined: 1. Throws `Error`
/// naming an op on the way that has no derivative.
std::vector<Tensor> gradients(const Tensor& loss, std::span<const Tensor> variables, Tensor seed = {});

}  // namespace generalizer
