#include "pinned_pool.h"

#include <algorithm>

namespace generalizer::cuda {
namespace {

class PooledBuffer final : public HostBuffer {
 public:
  PooledBuffer(PinnedPool& pool, PinnedBlock& block, std::size_t bytes) : pool_(pool), block_(block), bytes_(bytes) {}
  ~PooledBuffer() override { pool_.give_back(block_); }
  PooledBuffer(const PooledBuffer&) = delete;
  PooledBuffer& operator=(const PooledBuffer&) = delete;
  std::span<std::byte> bytes() override { return block_.writable().first(bytes_); }

 private:
  PinnedPool& pool_;
  PinnedBlock& block_;
  std::size_t bytes_;
};

}  // namespace

void PinnedBlock::upload(Address to, std::span<const std::byte> bytes, Stream& stream) {
  const std::lock_guard lock(mutex_);
  device_.upload(to, bytes, stream);
  device_.mark(*copied_, stream);
  being_read_ = true;
}

std::span<std::byte> PinnedBlock::writable() {
  const std::lock_guard lock(mutex_);
  if (being_read_) device_.synchronize(*copied_);
  being_read_ = false;
  return memory_.bytes();
}

bool PinnedBlock::holds(std::span<const std::byte> bytes) const {
  const std::span<const std::byte> own = memory_.bytes();
  return bytes.data() >= own.data() && bytes.data() + bytes.size() <= own.data() + own.size();
}

std::unique_ptr<HostBuffer> PinnedPool::take(std::size_t bytes) {
  const std::size_t size = std::max<std::size_t>(bytes, 1);
  const std::lock_guard lock(mutex_);
  if (const auto idle = idle_.find(size); idle != idle_.end()) {
    PinnedBlock& block = *idle->second;
    idle_.erase(idle);
    return std::make_unique<PooledBuffer>(*this, block, bytes);
  }
  auto fresh = std::make_unique<PinnedBlock>(device_, static_cast<std::int64_t>(size));
  PinnedBlock& block = *fresh;
  blocks_[block.memory().data()] = std::move(fresh);
  return std::make_unique<PooledBuffer>(*this, block, bytes);
}

void PinnedPool::give_back(PinnedBlock& block) {
  const std::lock_guard lock(mutex_);
  idle_.emplace(block.memory().size(), &block);
}

PinnedBlock* PinnedPool::find(std::span<const std::byte> bytes) {
  const std::lock_guard lock(mutex_);
  auto after = blocks_.upper_bound(bytes.data());
  if (after == blocks_.begin()) return nullptr;
  PinnedBlock& block = *std::prev(after)->second;
  return block.holds(bytes) ? &block : nullptr;
}

}  // namespace generalizer::cuda
