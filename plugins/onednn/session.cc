#include "session.h"

#include <omp.h>
#include <sched.h>

#include "executable.h"
#include "lowering.h"
#include "products.h"

namespace generalizer::onednn {

std::string library_version() {
  const dnnl::version_t* version = dnnl::version();
  return std::to_string(version->major) + "." + std::to_string(version->minor) + "." +
         std::to_string(version->patch);
}

std::string instruction_set() { return name_of(dnnl::get_effective_cpu_isa()); }

int available_cores() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) != 0) return omp_get_num_procs();
  return CPU_COUNT(&cores);
}

OnednnSession::OnednnSession(int threads)
    : threads_(threads > 0 ? threads : available_cores()),
      engine_(dnnl::engine::kind::cpu, 0),
      stream_(engine_),
      variables_(engine_, stream_) {
  omp_set_num_threads(threads_);
}

std::string OnednnSession::device() const {
  return "onednn " + library_version() + ", " + instruction_set() + ", " + std::to_string(threads_) +
         (threads_ == 1 ? " thread" : " threads");
}

std::unique_ptr<Executable> OnednnSession::do_compile(const Program& program) {
  omp_set_num_threads(threads_);  // kernels divide their work among so many when they are made
  Lowering lowering(program, variables_, engine_, stream_, products_for(program.arithmetic(), dnnl::get_effective_cpu_isa()));
  return std::make_unique<CompiledProgram>(program, lowering.lower(), threads_);
}

void OnednnSession::do_write_variable(const std::string& name, std::span<const std::byte> bytes) {
  omp_set_num_threads(threads_);
  variables_.write(name, bytes);
}

void OnednnSession::do_read_variable(const std::string& name, std::span<std::byte> bytes) {
  omp_set_num_threads(threads_);
  variables_.read(name, bytes);
}

}  // namespace generalizer::onednn
