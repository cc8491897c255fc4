#pragma once

#include <cstdint>

#include "generalizer/program.h"

namespace generalizer {

/// The program without nodes whose results reach neither an output nor an assignment, and without variables that
/// nobody reads or assigns. Inputs stay, so that their indices do. Order is kept.
Program eliminate_dead_code(const Program& program);

/// The program without nodes that compute again what an earlier node with the same op, attributes and operands has
/// computed. Random ops with equal operands are equal, too: their numbers are.
Program eliminate_common_subexpressions(const Program& program);

/// The program with updates of variables moved up to where their operands are made and the old values have been read,
/// so that a gradient needs memory only until its weight has changed, and not until all weights do. A node moves if
/// all that it makes goes into variables and `least` bytes or more are released: less isn't worth it, and kernels may
/// do small neighbours (a convolution's weight and bias gradients) at once. Results stay the same to the bit.
Program update_early(const Program& program, std::int64_t least = std::int64_t{1} << 16);

/// The passes that every program goes through before a backend compiles it; verifies the result.
Program optimize(const Program& program);

/// Sum of the ops' floating point operations for one run.
double flops_of(const Program& program);

}  // namespace generalizer
