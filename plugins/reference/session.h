#pragma once

#include <map>
#include <memory>
#include <string>

#include "generalizer/backend.h"
#include "memory.h"

namespace generalizer::reference {

/// The variables, in plain memory, one allocation each, so that their addresses stay when others are declared.
class ReferenceSession final : public Session {
 public:
  std::string device() const override;

 private:
  std::unique_ptr<Executable> do_compile(const Program& program) override;
  void do_declare_variable(const std::string& name, const TensorType& type) override;
  void do_write_variable(const std::string& name, std::span<const std::byte> bytes) override;
  void do_read_variable(const std::string& name, std::span<std::byte> bytes) override;

  std::map<std::string, Memory> memory_;
};

}  // namespace generalizer::reference
