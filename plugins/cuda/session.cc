#include "session.h"

#include "executable.h"
#include "generalizer/memory_plan.h"
#include "tensor_cores.h"

namespace generalizer::cuda {

std::unique_ptr<Executable> CudaSession::do_compile(const Program& program) {
  std::map<std::string, Address> variables;
  for (const auto& [name, memory] : memory_) variables[name] = memory->address();
  return std::make_unique<CudaExecutable>(program, lanes_, variables);
}

MemoryReport CudaSession::forecast(const Program& program) const {
  const Program compiled = for_tensor_cores(keep_old_values(program));  // as `compile` has it
  const Plan plan = plan_of(compiled);
  return Footprint(compiled, plan, workspace_of(prepare_libraries(*device_, compiled, plan))).report();
}

void CudaSession::do_declare_variable(const std::string& name, const TensorType& type) {
  auto memory = std::make_unique<Memory>(*device_, type.bytes());
  device_->clear(memory->piece(), *lanes_.compute);
  memory_[name] = std::move(memory);
}

void CudaSession::do_write_variable(const std::string& name, std::span<const std::byte> bytes) {
  lanes_.told("writing " + name, [&] { lanes_.ring.upload(memory_.at(name)->address(), bytes); });
}

void CudaSession::do_read_variable(const std::string& name, std::span<std::byte> bytes) {
  lanes_.told("reading " + name, [&] {
    device_->download(bytes, memory_.at(name)->address(), *lanes_.compute);
    device_->synchronize(*lanes_.compute);
  });
}

void CudaSession::synchronize() {
  lanes_.told("waiting", [&] {
    device_->synchronize(*lanes_.copies);
    device_->synchronize(*lanes_.compute);
  });
}

}  // namespace generalizer::cuda
