#include "generalizer/memory_plan.h"
#include "generalizer/op.h"
#include "passes/passes.h"

namespace generalizer {

Program optimize(const Program& program) {
  const Program needed = eliminate_dead_code(eliminate_common_subexpressions(program));
  Program result = update_early(keep_old_values(needed));
  result.verify();
  return result;
}

double flops_of(const Program& program) {
  double sum = 0.0;
  for (const Node& node : program.nodes()) sum += flops_of(program, node);
  return sum;
}

}  // namespace generalizer
