#include "generalizer/plugin.h"

#include <fstream>

#include "products.h"
#include "session.h"

// Numbers that are none go through every kernel of this backend, with three exceptions, which are oneDNN's and would cost time to mend:
//   max_pool2d passes over NaN: a window takes its largest number, and −3.4e38 where it has none;
//   exp of NaN is infinity;
//   sigmoid of NaN is 0 on processors that have SSE4.1 and no AVX2.
// And relu(−∞) is NaN where it is fused to a convolution or product. So a loss alone does not prove that all weights are numbers.

namespace generalizer::onednn {

namespace {

std::string processor_name() {
  std::ifstream file("/proc/cpuinfo");
  for (std::string line; std::getline(file, line);) {
    if (line.rfind("model name", 0) != 0) continue;
    const auto colon = line.find(": ");
    if (colon != std::string::npos) return line.substr(colon + 2);
  }
  return "CPU";
}

BackendReport report() {
  BackendReport result;
  try {
    const dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    result.available = true;
    result.devices = {std::to_string(available_cores()) + " × " + processor_name() + ", " +
                      instruction_set()};
    result.libraries = {{"oneDNN", library_version()}};
    result.floating_types = {DType::f32};
    if (multiplies_bf16(dnnl::get_effective_cpu_isa())) result.arithmetics.push_back(Arithmetic::bf16);
  } catch (const dnnl::error& error) {
    result.reason = std::string("oneDNN can't use this processor (") + error.what() +
                    "). It needs one with SSE4.1; the backend \"reference\" runs anywhere.";
  }
  return result;
}

std::unique_ptr<Session> open(const Parameters& parameters) {
  try {
    return std::make_unique<OnednnSession>(static_cast<int>(parameters.integer("threads")));
  } catch (const dnnl::error& error) {
    throw BackendError(std::string("backend \"onednn\" can't be opened, as oneDNN says: ") + error.what() +
                       ". It needs a processor with SSE4.1; the backend \"reference\" runs anywhere.");
  }
}

BackendType backend() {
  BackendType type;
  type.name = "onednn";
  type.summary = "The CPU by oneDNN: vectorised kernels, all cores, f32; products in bf16 on processors that have them.";
  type.parameters = {at_most(
      at_least(parameter("threads", {ParameterType::integer}, std::int64_t{0},
                         "Threads that kernels use; 0: one for each core that the process may run on."),
               0),
      1024)};
  type.report = report;
  type.open = open;
  return type;
}

}  // namespace

}  // namespace generalizer::onednn

GENERALIZER_PLUGIN("onednn", GENERALIZER_VERSION, "Apache-2.0", [](generalizer::Registry& registry) {
  registry.add_backend(generalizer::onednn::backend());
})
