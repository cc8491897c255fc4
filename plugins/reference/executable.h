#pragma once

#include <map>
#include <string>
#include <vector>

#include "generalizer/backend.h"
#include "generalizer/op.h"
#include "memory.h"

namespace generalizer::reference {

/// Runs a program node by node with the ops' own reference kernels, in one arena that is planned here.
class ReferenceExecutable final : public Executable {
 public:
  /// `variables` holds every variable of the program and outlives the executable.
  ReferenceExecutable(const Program& program, std::map<std::string, Memory>& variables);

 private:
  /// A node with all its addresses.
  struct Call {
    const Node* node = nullptr;
    std::vector<HostTensor> inputs;
    std::vector<HostTensor> outputs;
  };
  /// An assignment whose value is not made in the variable's own memory.
  struct Copy {
    std::byte* to = nullptr;
    const std::byte* from = nullptr;
    std::size_t bytes = 0;
  };

  void do_set_input(std::size_t index, std::span<const std::byte> bytes) override;
  void do_run() override;
  void do_get_output(std::size_t index, std::span<std::byte> bytes) override;
  MemoryReport do_memory() const override { return report_; }

  void add_call(const Node& node);
  std::byte* address(ValueId id) const { return addresses_[static_cast<std::size_t>(id)]; }
  HostTensor tensor(ValueId id) const { return {address(id), program().value(id).type}; }

  MemoryReport report_;
  std::unique_ptr<Memory> arena_;
  std::vector<std::byte*> addresses_;  ///< one a value
  std::vector<Call> calls_;
  std::vector<Copy> copies_;
};

}  // namespace generalizer::reference
