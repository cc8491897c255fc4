#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "plan.h"
#include "session.h"

namespace generalizer::cuda {

/// A program on a device: its kernels compiled, its values in one arena, its launches captured once and replayed with each run.
class CudaExecutable final : public Executable {
 public:
  /// `variables` are the addresses of all the program's variables; device and variables outlive the executable.
  CudaExecutable(const Program& program, Device& device, const std::map<std::string, Address>& variables);

 private:
  void do_set_input(std::size_t index, std::span<const std::byte> bytes) override;
  void do_run() override { device_.replay(*recording_); }
  void do_get_output(std::size_t index, std::span<std::byte> bytes) override;
  MemoryReport do_memory() const override { return report_; }

  void place(const Plan& plan, const std::map<std::string, Address>& variables);
  void record(const Plan& plan);
  Address address(ValueId id) const { return addresses_[static_cast<std::size_t>(id)]; }
  std::vector<Address> addresses_of(const std::vector<ValueId>& ids) const;

  Device& device_;
  MemoryReport report_;
  std::unique_ptr<Memory> arena_, workspace_;
  std::vector<std::unique_ptr<Memory>> constants_;
  std::vector<Address> addresses_;  ///< one a value
  std::unique_ptr<Module> module_;
  std::unique_ptr<Recording> recording_;
};

}  // namespace generalizer::cuda
