#include "staging_ring.h"

#include <algorithm>
#include <cstring>

namespace generalizer::cuda {

StagingRing::StagingRing(Device& device, Stream& stream)
    : device_(device), stream_(stream), memory_(device, static_cast<std::int64_t>(kParts * kPart)) {
  for (std::unique_ptr<Event>& event : copied_) event = device_.make_event();
}

void StagingRing::next_part() {
  device_.mark(*copied_[part_], stream_);
  part_ = (part_ + 1) % kParts;
  device_.synchronize(*copied_[part_]);
  used_ = 0;
}

void StagingRing::upload(Address to, std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const std::size_t count = std::min(bytes.size(), kPart);
    if (used_ + count > kPart) next_part();
    const std::span<std::byte> staged = memory_.bytes().subspan(part_ * kPart + used_, count);
    std::memcpy(staged.data(), bytes.data(), count);
    device_.upload(to, staged, stream_);
    used_ += (count + 15) / 16 * 16;
    to += count;
    bytes = bytes.subspan(count);
  }
}

}  // namespace generalizer::cuda
