#include "trainer/batcher.h"

#include <algorithm>
#include <cstring>

namespace generalizer {
namespace {

/// One being read by the training, one ready, one being filled, and one to spare for an uneven disk.
constexpr std::size_t slots = 4;

template <class T>
std::span<T> as(HostBuffer& buffer) {
  return {reinterpret_cast<T*>(buffer.bytes().data()), buffer.bytes().size() / sizeof(T)};
}

}  // namespace

Batcher::Batcher(const Dataset& data, Session& session, DType floating, std::int64_t batch,
                 std::vector<std::int64_t> order, std::int64_t first)
    : data_(data),
      floating_(floating),
      batch_(batch),
      image_elements_(data.image_shape().elements()),
      order_(std::move(order)),
      first_(first),
      slots_(slots),
      image_(static_cast<std::size_t>(image_elements_)) {
  for (Slot& slot : slots_) {
    slot.images =
        session.allocate_host(static_cast<std::size_t>(batch_ * image_elements_) * size_of(floating_));
    slot.labels = session.allocate_host(static_cast<std::size_t>(batch_) * sizeof(std::int32_t));
  }
  thread_ = std::thread([this] { produce(); });
}

Batcher::~Batcher() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Batcher::produce() {
  try {
    const auto total = static_cast<std::int64_t>(order_.size());
    for (std::int64_t from = first_; from < total; from += batch_) {
      std::size_t mine = 0;
      {
        std::unique_lock lock(mutex_);
        // The batch given out last is still being read: its slot is not free.
        changed_.wait(lock, [&] { return stopping_ || produced_ + 1 < consumed_ + slots; });
        if (stopping_) return;
        mine = produced_ % slots;
      }
      fill(slots_[mine], from, std::min(batch_, total - from));
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
  const std::span<std::int32_t> labels = as<std::int32_t>(*slot.labels);
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t record = order_[static_cast<std::size_t>(from + i)];
    const auto at = static_cast<std::size_t>(i * image_elements_);
    if (floating_ == DType::f32) {
      data_.read_image(record, as<float>(*slot.images).subspan(at, image_.size()));
    } else {
      data_.read_image(record, image_);
      std::copy(image_.begin(), image_.end(),
                as<double>(*slot.images).begin() + static_cast<std::ptrdiff_t>(at));
    }
    labels[static_cast<std::size_t>(i)] = data_.label(record);
  }
  slot.count = count;
}

Batch Batcher::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return consumed_ < produced_ || done_; });
  if (consumed_ == produced_) {
    if (failure_) std::rethrow_exception(failure_);
    return {};
  }
  const Slot& slot = slots_[consumed_ % slots];
  ++consumed_;
  lock.unlock();
  changed_.notify_all();
  const auto count = static_cast<std::size_t>(slot.count);
  return {slot.count, slot.images->bytes().first(count * image_.size() * size_of(floating_)),
          slot.labels->bytes().first(count * sizeof(std::int32_t))};
}

}  // namespace generalizer
