#pragma once

#include <map>
#include <mutex>
#include <vector>

#include "generalizer/backend.h"
#include "memory.h"

namespace generalizer::cuda {

/// Pinned memory that the host fills and the device copies from by itself, while the host does other things. To pin memory takes long and waits for the device:
/// what is given back is kept for the next who asks for as much.
class PinnedBlock {
 public:
  PinnedBlock(Device& device, std::int64_t bytes) : device_(device), memory_(device, bytes), copied_(device.make_event()) {}

  /// Queues a copy of `bytes`, which lie in this block.
  void upload(Address to, std::span<const std::byte> bytes, Stream& stream);
  /// The memory, once all copies from it are done; from any thread.
  std::span<std::byte> writable();
  bool holds(std::span<const std::byte> bytes) const;
  std::span<const std::byte> memory() const { return memory_.bytes(); }

 private:
  Device& device_;
  PinnedMemory memory_;
  std::mutex mutex_;
  std::unique_ptr<Event> copied_;
  bool being_read_ = false;
};

/// The blocks of a session, by where they lie. Buffers taken from it must not outlive it.
class PinnedPool {
 public:
  explicit PinnedPool(Device& device) : device_(device) {}

  std::unique_ptr<HostBuffer> take(std::size_t bytes);
  void give_back(PinnedBlock& block);
  /// The block in which the bytes lie; none where they are other memory.
  PinnedBlock* find(std::span<const std::byte> bytes);

 private:
  Device& device_;
  std::mutex mutex_;
  std::map<const std::byte*, std::unique_ptr<PinnedBlock>> blocks_;
  std::multimap<std::size_t, PinnedBlock*> idle_;  ///< by size
};

}  // namespace generalizer::cuda
