#pragma once

#include <array>

#include "memory.h"

namespace generalizer::cuda {

/// Copies from anywhere on the host to the device without waiting for it: through pinned memory that is used in turn. Only when it comes round to a part whose
/// copies are not yet done, a megabyte later, it waits for these.
class StagingRing {
 public:
  /// What it uploads is ordered in the stream. Both must live longer.
  StagingRing(Device& device, Stream& stream);

  /// The bytes may be changed as soon as this returns.
  void upload(Address to, std::span<const std::byte> bytes);

 private:
  static constexpr std::size_t kPart = std::size_t{256} << 10;
  static constexpr std::size_t kParts = 4;
  void next_part();

  Device& device_;
  Stream& stream_;
  PinnedMemory memory_;
  std::array<std::unique_ptr<Event>, kParts> copied_;
  std::size_t part_ = 0;
  std::size_t used_ = 0;  ///< bytes of the part
};

}  // namespace generalizer::cuda
