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

/// A piece of the device's memory.
struct Piece {
  Address address = 0;
  std::int64_t bytes = 0;
};

/// The device has stopped, by a fault of the hardware, the driver or a kernel: nothing works on it any more in this process. As work is only queued, the
/// call that throws this may be a later one than the call at fault.
class DeviceLost : public BackendError {
 public:
  using BackendError::BackendError;
};

/// Work that is done in the order in which it was queued.
class Stream {
 public:
  virtual ~Stream() = default;
};

/// A mark in a stream that others, and the host, can wait for.
class Event {
 public:
  virtual ~Event() = default;
};

/// Kernels compiled for one device.
class Module {
 public:
  virtual ~Module() = default;
};

/// A step that a library computes, with the algorithm chosen for its shapes.
class PreparedCall {
 public:
  virtual ~PreparedCall() = default;
  /// Bytes of work space that it wants.
  virtual std::int64_t workspace() const = 0;
};

/// A sequence of launches, captured once and run as often as asked for.
class Recording {
 public:
  virtual ~Recording() = default;
};

/// The calls of CUDA and its libraries that a session makes on one device; nothing else calls them. What the device is asked for, in which order, in which
/// stream and with which memory is decided above this interface, and is tested without a card by implementations that record it, or that run it in plain
/// memory. Work that takes a stream is queued and returns at once. Each function throws `BackendError` with what the driver or library said, `DeviceLost`
/// where nothing can work any more.
class Device {
 public:
  virtual ~Device() = default;

  virtual std::string name() const = 0;  ///< "NVIDIA H100, CUDA 13.0, driver 13.0"
  virtual std::int64_t free_bytes() = 0;

  /// The device's memory, as it comes. Throws with what is needed and what is free. These four wait for the device.
  virtual Address allocate(std::int64_t bytes) = 0;
  virtual void release(Address memory) noexcept = 0;
  /// The host's memory, pinned: the device copies from it by itself.
  virtual std::byte* allocate_host(std::int64_t bytes) = 0;
  virtual void release_host(std::byte* memory) noexcept = 0;

  virtual std::unique_ptr<Stream> make_stream() = 0;
  virtual std::unique_ptr<Event> make_event() = 0;
  /// Marks what the stream has been given so far; an earlier mark of the event is forgotten.
  virtual void mark(Event& event, Stream& stream) = 0;
  /// What the stream is given from now on begins after the event's last mark. Nothing to wait for without a mark.
  virtual void wait(Stream& stream, Event& event) = 0;
  /// The host waits; from any thread.
  virtual void synchronize(Event& event) = 0;
  virtual void synchronize(Stream& stream) = 0;

  virtual void clear(Piece memory, Stream& stream) = 0;
  /// `bytes` are pinned, and stay as they are until the copy is done.
  virtual void upload(Address to, std::span<const std::byte> bytes, Stream& stream) = 0;
  virtual void download(std::span<std::byte> bytes, Address from, Stream& stream) = 0;
  virtual void copy(Address to, Address from, std::int64_t bytes, Stream& stream) = 0;

  virtual std::unique_ptr<Module> compile(const std::string& source, const std::vector<Kernel>& kernels) = 0;
  /// The arguments in the kernel's order; it writes those that its text doesn't declare const.
  virtual void launch(Module& module, const Kernel& kernel, const std::vector<Piece>& arguments, Stream& stream) = 0;
  virtual std::unique_ptr<PreparedCall> prepare(const Program& program, const LibraryStep& step) = 0;
  /// The step's operands and results at these addresses, in its order. What was prepared is kept as long as a recording that calls it.
  virtual void call_library(PreparedCall& prepared, const Program& program, const LibraryStep& step, const std::vector<Address>& operands,
                            const std::vector<Address>& results, Piece workspace, Stream& stream) = 0;
  /// The node's operands and results at these addresses, in its order.
  virtual void call_custom(const Program& program, const Node& node, const std::vector<Address>& operands, const std::vector<Address>& results,
                           Stream& stream) = 0;

  /// Between these two nothing runs: what the stream is given is kept. A recording that an exception has left open is given up by the next one.
  virtual void begin_recording(Stream& stream) = 0;
  virtual std::unique_ptr<Recording> end_recording(Stream& stream) = 0;
  virtual void replay(Recording& recording, Stream& stream) = 0;
};

}  // namespace generalizer::cuda
