#include "session.h"

#include "executable.h"

namespace generalizer::cuda {

std::unique_ptr<Executable> CudaSession::do_compile(const Program& program) {
  std::map<std::string, Address> variables;
  for (const auto& [name, memory] : memory_) variables[name] = memory->address();
  return std::make_unique<CudaExecutable>(program, *device_, variables);
}

void CudaSession::do_declare_variable(const std::string& name, const TensorType& type) {
  if (!memory_.contains(name)) memory_[name] = std::make_unique<Memory>(*device_, type.bytes());
}

void CudaSession::do_write_variable(const std::string& name, std::span<const std::byte> bytes) {
  device_->upload(memory_.at(name)->address(), bytes);
}

void CudaSession::do_read_variable(const std::string& name, std::span<std::byte> bytes) {
  device_->download(bytes, memory_.at(name)->address());
}

}  // namespace generalizer::cuda
