#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "footprint.h"
#include "generalizer/backend.h"
#include "input_slots.h"
#include "plan.h"

namespace generalizer::cuda {

/// For each step of the plan the library's call where it is one, null where it isn't.
using PreparedLibraries = std::vector<std::unique_ptr<PreparedCall>>;
PreparedLibraries prepare_libraries(Device& device, const Program& program, const Plan& plan);
/// The most that one of them wants: they run one after the other.
std::int64_t workspace_of(const PreparedLibraries& prepared);

/// A program on a device: its kernels compiled, all its memory in one block, and its launches captured as a CUDA graph, once for each slot of its inputs. A run
/// is one launch of such a graph. The copies of the inputs are edges to it from a stream of their own, not nodes in it: launches of graphs in a stream follow one
/// another whole, so that copies inside would wait for the run before instead of going on beside it.
class CudaExecutable final : public Executable {
 public:
  /// `variables` are the addresses of all the program's variables; lanes and variables outlive the executable.
  CudaExecutable(const Program& program, Lanes& lanes, const std::map<std::string, Address>& variables);

 private:
  void do_set_input(std::size_t index, std::span<const std::byte> bytes) override;
  void do_run() override;
  void do_get_output(std::size_t index, std::span<std::byte> bytes) override;
  MemoryReport do_memory() const override { return report_; }

  void place(const Plan& plan, const Footprint& footprint, const std::map<std::string, Address>& variables);
  void fill_constants(const Plan& plan, const Footprint& footprint);
  std::vector<std::vector<Piece>> input_places() const;
  void record(const Plan& plan, Piece workspace, std::size_t slot);
  void record_step(const Plan& plan, std::size_t step, Piece workspace, std::size_t slot);

  Piece piece(ValueId id, std::size_t slot) const { return {addresses_[slot][static_cast<std::size_t>(id)], bytes_[static_cast<std::size_t>(id)]}; }
  std::vector<Piece> pieces_of(const std::vector<ValueId>& ids, std::size_t slot) const;
  std::vector<Address> addresses_of(const std::vector<ValueId>& ids, std::size_t slot) const;

  Lanes& lanes_;
  MemoryReport report_;
  std::unique_ptr<Memory> block_;
  std::vector<std::vector<Address>> addresses_;  ///< for each slot one a value of the plan
  std::vector<std::int64_t> bytes_;              ///< of each
  std::unique_ptr<InputSlots> inputs_;
  std::unique_ptr<Module> module_;
  PreparedLibraries libraries_;                         ///< what a recording calls lives as long as it
  std::vector<std::unique_ptr<Recording>> recordings_;  ///< one a slot
};

}  // namespace generalizer::cuda
