#include "trainer/batcher.h"

#include <algorithm>
#include <cstring>

#include "data/augmented.h"

namespace generalizer {
namespace {

template <class T>
std::span<T> as(std::span<std::byte> bytes) {
  return {reinterpret_cast<T*>(bytes.data()), bytes.size() / sizeof(T)};
}

}  // namespace

Batcher::Batcher(const Dataset& data, Session& session, DType floating, std::int64_t batch,
                 std::vector<std::int64_t> order, std::int64_t first, std::int64_t epoch,
                 std::int64_t prefetch)
    : data_(data),
      floating_(floating),
      batch_(batch),
      image_elements_(data.image_shape().elements()),
      order_(std::move(order)),
      first_(first),
      epoch_(epoch),
      slots_(static_cast<std::size_t>(prefetch + 1)),  // one is being read by the training
      image_(static_cast<std::size_t>(image_elements_)) {
  for (Slot& slot : slots_) {
    slot.images =
        session.allocate_host(static_cast<std::size_t>(batch_ * image_elements_) * size_of(floating_));
    slot.labels = session.allocate_host(static_cast<std::size_t>(batch_) * sizeof(std::int32_t));
  }
  if (prefetch > 0) thread_ = std::thread([this] { produce(); });
}

Batcher::~Batcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void Batcher::produce() {
  try {
    const auto total = static_cast<std::int64_t>(order_.size());
    for (; first_ < total; first_ += batch_) {
      std::size_t mine = 0;
      {
        std::unique_lock lock(mutex_);
        // The batch given out last is still being read: its slot is not free.
        changed_.wait(lock, [&] { return stopping_ || produced_ + 1 < consumed_ + slots_.size(); });
        if (stopping_) return;
        mine = produced_ % slots_.size();
      }
      fill(slots_[mine], first_, std::min(batch_, total - first_));
      {
        const std::lock_guard lock(mutex_);
        ++produced_;
      }
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    failure_ = std::current_exception();
  }
  {
    const std::lock_guard lock(mutex_);
    done_ = true;
  }
  changed_.notify_all();
}

void Batcher::fill(Slot& slot, std::int64_t from, std::int64_t count) {
  // Both wait until the device has copied what they held before.
  const std::span<std::byte> images = slot.images->bytes();
  const std::span<std::int32_t> labels = as<std::int32_t>(slot.labels->bytes());
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t record = order_[static_cast<std::size_t>(from + i)];
    const auto at = static_cast<std::size_t>(i * image_elements_);
    if (floating_ == DType::f32) {
      read_image_of_epoch(data_, record, epoch_, as<float>(images).subspan(at, image_.size()));
    } else {
      read_image_of_epoch(data_, record, epoch_, image_);
      std::copy(image_.begin(), image_.end(),
                as<double>(images).begin() + static_cast<std::ptrdiff_t>(at));
    }
    labels[static_cast<std::size_t>(i)] = data_.label(record);
  }
  slot.count = count;
}

Batch Batcher::batch_in(const Slot& slot) const {
  const auto count = static_cast<std::size_t>(slot.count);
  return {slot.count, slot.images->bytes().first(count * image_.size() * size_of(floating_)),
          slot.labels->bytes().first(count * sizeof(std::int32_t))};
}

/// Without a thread.
Batch Batcher::read_next() {
  const auto total = static_cast<std::int64_t>(order_.size());
  if (first_ >= total) return {};
  fill(slots_[0], first_, std::min(batch_, total - first_));
  first_ += batch_;
  return batch_in(slots_[0]);
}

Batch Batcher::next() {
  if (!thread_.joinable()) return read_next();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return consumed_ < produced_ || done_; });
  if (consumed_ == produced_) {
    if (failure_) std::rethrow_exception(failure_);
    return {};
  }
  const Slot& slot = slots_[consumed_ % slots_.size()];
  ++consumed_;
  lock.unlock();
  changed_.notify_all();
  return batch_in(slot);
}

}  // namespace generalizer
