#include "session.h"

#include <cstring>

#include "executable.h"

namespace generalizer::reference {

std::string ReferenceSession::device() const { return "reference, plain loops, 1 thread"; }

std::unique_ptr<Executable> ReferenceSession::do_compile(const Program& program) {
  return std::make_unique<ReferenceExecutable>(program, memory_);
}

void ReferenceSession::do_declare_variable(const std::string& name, const TensorType& type) {
  memory_.try_emplace(name, type.bytes());
}

void ReferenceSession::do_write_variable(const std::string& name, std::span<const std::byte> bytes) {
  std::memcpy(memory_.at(name).data(), bytes.data(), bytes.size());
}

void ReferenceSession::do_read_variable(const std::string& name, std::span<std::byte> bytes) {
  std::memcpy(bytes.data(), memory_.at(name).data(), bytes.size());
}

}  // namespace generalizer::reference
