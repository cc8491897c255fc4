#include "memory.h"

#include <cstdlib>
#include <cstring>
#include <string>

#include <sys/mman.h>

#include "generalizer/error.h"

namespace generalizer::onednn {

namespace {
constexpr std::size_t cache_line = 64;
constexpr std::size_t huge_page = std::size_t{2} << 20;

std::size_t round_up(std::size_t bytes, std::size_t to) { return (bytes + to - 1) / to * to; }
}  // namespace

AlignedMemory::AlignedMemory(std::int64_t bytes) : bytes_(bytes) {
  const auto wanted = static_cast<std::size_t>(bytes > 0 ? bytes : 1);
  const std::size_t alignment = wanted >= huge_page ? huge_page : cache_line;
  const std::size_t size = round_up(wanted, alignment);
  auto* data = static_cast<std::byte*>(std::aligned_alloc(alignment, size));
  if (data == nullptr) {
    throw BackendError("backend \"onednn\" could not get " + std::to_string(size >> 20) +
                       " MiB of memory from the system. Use a smaller batch or network, or free memory.");
  }
  if (alignment == huge_page)
    madvise(data, size, MADV_HUGEPAGE);  // advice: refused, it is slower and as right
  std::memset(data, 0, size);
  data_.reset(data);
}

void AlignedMemory::Free::operator()(std::byte* data) const { std::free(data); }

}  // namespace generalizer::onednn
