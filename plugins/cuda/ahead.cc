#include "ahead.h"

#include <future>
#include <vector>

#include "compiler.h"
#include "footprint.h"
#include "plan.h"
#include "tensor_cores.h"

namespace generalizer::cuda {

CompileReport compile_ahead(const Program& given) {
  const Program program = for_tensor_cores(given);  // as a session has it
  const Plan plan = plan_of(program);
  CompileReport report;
  report.memory = Footprint(program, plan, 0).report();  // libraries choose their work space on a device
  report.kernels = static_cast<std::int64_t>(plan.kernels.size());
  for (const Step& step : plan.steps) {
    if (std::holds_alternative<LibraryStep>(step)) {
      ++report.library_calls;
    } else if (!std::holds_alternative<CopyStep>(step)) {
      ++report.launches;
    }
  }
  if (plan.kernels.empty()) return report;
  std::vector<std::future<std::vector<char>>> compilations;
  for (const char* target : kAheadTargets) {
    report.targets.emplace_back(target);
    compilations.push_back(std::async(std::launch::async, compile_cuda, plan.source, target));
  }
  for (auto& compilation : compilations) (void)compilation.get();
  return report;
}

}  // namespace generalizer::cuda
