#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace generalizer::onednn {

/// Zeroed memory for kernels: aligned to cache lines, and to huge pages where it is large, which saves most of its page faults.
class AlignedMemory {
 public:
  AlignedMemory() = default;
  explicit AlignedMemory(std::int64_t bytes);

  std::byte* data() const { return data_.get(); }
  std::int64_t bytes() const { return bytes_; }

 private:
  struct Free {
    void operator()(std::byte* data) const;
  };
  std::unique_ptr<std::byte, Free> data_;
  std::int64_t bytes_ = 0;
};

}  // namespace generalizer::onednn
