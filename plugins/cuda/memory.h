#pragma once

#include "device.h"

namespace generalizer::cuda {

/// Memory on a device, given back at the end.
class Memory {
 public:
  Memory(Device& device, std::int64_t bytes) : device_(device), bytes_(bytes), address_(bytes == 0 ? 0 : device.allocate(bytes)) {}
  ~Memory() {
    if (address_ != 0) device_.release(address_);
  }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;
  Address address() const { return address_; }
  std::int64_t bytes() const { return bytes_; }
  Piece piece() const { return {address_, bytes_}; }

 private:
  Device& device_;
  std::int64_t bytes_;
  Address address_;
};

/// Pinned memory of the host, given back at the end.
class PinnedMemory {
 public:
  PinnedMemory(Device& device, std::int64_t bytes)
      : device_(device), bytes_(static_cast<std::size_t>(bytes)), memory_(bytes == 0 ? nullptr : device.allocate_host(bytes)) {}
  ~PinnedMemory() {
    if (memory_ != nullptr) device_.release_host(memory_);
  }
  PinnedMemory(const PinnedMemory&) = delete;
  PinnedMemory& operator=(const PinnedMemory&) = delete;
  std::span<std::byte> bytes() const { return {memory_, bytes_}; }

 private:
  Device& device_;
  std::size_t bytes_;
  std::byte* memory_;
};

}  // namespace generalizer::cuda
