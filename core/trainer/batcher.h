#pragma once

#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <vector>

#include "generalizer/backend.h"
#include "generalizer/dataset.h"

namespace generalizer {

/// One batch in host memory that the device copies from.
struct Batch {
  std::int64_t count = 0;             ///< images in it
  std::span<const std::byte> images;  ///< F[count×C×H×W]
  std::span<const std::byte> labels;  ///< i32[count]
};

/// Reads up to `prefetch` batches ahead of the training on a thread of its own, into a ring of buffers that are taken once. With `prefetch` 0 there is
/// no thread, and a batch is read when it is asked for.
///
/// Gives the records of `order` from `first` on, `batch` at a time, the last batch smaller where the number doesn't divide. Images are as
/// they are in that epoch of training (from 1), or without random augmentations where `epoch` is 0.
class Batcher {
 public:
  Batcher(const Dataset& data, Session& session, DType floating, std::int64_t batch,
          std::vector<std::int64_t> order, std::int64_t first = 0, std::int64_t epoch = 0,
          std::int64_t prefetch = 2);
  ~Batcher();
  Batcher(const Batcher&) = delete;
  Batcher& operator=(const Batcher&) = delete;

  /// The next batch, valid until the call after it; `count` is 0 at the end. Throws what reading threw.
  Batch next();

 private:
  struct Slot {
    std::unique_ptr<HostBuffer> images;
    std::unique_ptr<HostBuffer> labels;
    std::int64_t count = 0;
  };
  void produce();
  Batch read_next();
  Batch batch_in(const Slot& slot) const;
  void fill(Slot& slot, std::int64_t from, std::int64_t count);

  const Dataset& data_;
  DType floating_;
  std::int64_t batch_;
  std::int64_t image_elements_;
  std::vector<std::int64_t> order_;
  std::int64_t first_;  ///< of what is left to read
  std::int64_t epoch_;
  std::vector<Slot> slots_;
  std::vector<float> image_;  ///< one image before it is widened to f64

  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t produced_ = 0;  ///< batches filled
  std::size_t consumed_ = 0;  ///< batches given out
  bool done_ = false;
  bool stopping_ = false;
  std::exception_ptr failure_;
  std::thread thread_;
};

}  // namespace generalizer
