#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>

namespace generalizer::reference {

/// Zeroed memory at addresses that every element type and vector unit likes.
class Memory {
 public:
  explicit Memory(std::int64_t bytes)
      : bytes_(static_cast<std::size_t>(bytes)),
        data_(static_cast<std::byte*>(::operator new(bytes_, alignment))) {
    std::memset(data_, 0, bytes_);
  }
  ~Memory() { ::operator delete(data_, alignment); }
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  std::byte* data() { return data_; }

 private:
  static constexpr std::align_val_t alignment{64};
  std::size_t bytes_;
  std::byte* data_;
};

}  // namespace generalizer::reference
