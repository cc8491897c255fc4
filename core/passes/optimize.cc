#include "generalizer/memory_plan.h"
#include "generalizer/op.h"
#include "passes/passes.h"

namespace generalizer {

Program optimize(const Program& program) {
  Program result = keep_old_values(eliminate_dead_code(eliminate_common_subexpressions(program)));
  result.verify();
  return result;
}

double flops_of(const Program& program) {
  double sum = 0.0;
  for (const Node& node : program.nodes()) sum += flops_of(program, node);
  return sum;
}

}  // namespace generalizer
