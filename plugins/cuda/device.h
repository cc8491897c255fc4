#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "generalizer/op.h"
#include "kernel.h"
#include "library_step.h"

namespace generalizer::cuda {

/// A place in the device's memory.
using Address = std::uintptr_t;

/// Kernels compiled for one device.
class Module {
 public:
  virtual ~Module() = default;
};

/// A sequence of launches, captured once and run as often as asked for.
class Recording {
 public:
  virtual ~Recording() = default;
};

/// What a session needs of a CUDA device. Everything that can be tested without one is above this interface; a stand-in in plain memory runs the same
/// kernels there. Each function throws `BackendError` with what the driver or library said.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;  ///< "NVIDIA H100, CUDA 13.0, driver 13.0"
  /// Bytes, zeroed. Throws with what is needed and what is free.
  virtual Address allocate(std::int64_t bytes) = 0;
  virtual void release(Address memory) noexcept = 0;
  /// Host → device and back; they wait for what was launched before.
  virtual void upload(Address to, std::span<const std::byte> bytes) = 0;
  virtual void download(std::span<std::byte> bytes, Address from) = 0;
  virtual void synchronize() = 0;

  virtual std::unique_ptr<Module> compile(const std::string& source, const std::vector<Kernel>& kernels) = 0;
  /// Bytes of work space that the library wants for a step, which lives until the recording has ended.
  virtual std::int64_t workspace_of(const Program& program, const LibraryStep& step) = 0;

  // Between these two nothing runs: the calls are kept.
  virtual void begin_recording() = 0;
  virtual std::unique_ptr<Recording> end_recording() = 0;
  virtual void launch(Module& module, const Kernel& kernel, const std::vector<Address>& arguments) = 0;
  virtual void copy(Address to, Address from, std::int64_t bytes) = 0;
  /// The step's operands and results at these addresses, in its order.
  virtual void call_library(const Program& program, const LibraryStep& step, const std::vector<Address>& operands, const std::vector<Address>& results,
                            Address workspace) = 0;
  /// The node's operands and results at these addresses, in its order.
  virtual void call_custom(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results) = 0;

  /// Runs it; may return before the device has finished.
  virtual void replay(Recording& recording) = 0;
};

}  // namespace generalizer::cuda
