#pragma once

#include "generalizer/program.h"

namespace generalizer {

/// The program without nodes whose results reach neither an output nor an assignment, and without variables that
/// nobody reads or assigns. Inputs stay, so that their indices do. Order is kept.
Program eliminate_dead_code(const Program& program);

/// The program without nodes that compute again what an earlier node with the same op, attributes and operands has
/// computed. Random ops with equal operands are equal, too: their numbers are.
Program eliminate_common_subexpressions(const Program& program);

/// The passes that every program goes through before a backend compiles it; verifies the result.
Program optimize(const Program& program);

/// Sum of the ops' floating point operations for one run.
double flops_of(const Program& program);

}  // namespace generalizer
