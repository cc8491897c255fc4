#include "places.h"
#include "trainer/batcher.h"

#include <cstring>
#include <numeric>

#include "catch.h"
#include "plugin/loader.h"
#include "support/memory_dataset.h"

using namespace generalizer;
using generalizer::testing::MemoryDataset;

namespace {

std::unique_ptr<Session> reference_session() {
  static Registry registry;
  if (registry.find_backend("reference") == nullptr) load_folder(plugin_folder(), registry);
  return registry.find_backend("reference")->open({});
}

std::vector<std::int64_t> counting(std::int64_t size) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(size));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  return order;
}

std::vector<std::int32_t> labels_of(const Batch& batch) {
  std::vector<std::int32_t> labels(static_cast<std::size_t>(batch.count));
  std::memcpy(labels.data(), batch.labels.data(), batch.labels.size());
  return labels;
}

/// Fails at one record.
class BrokenDataset : public MemoryDataset {
 public:
  BrokenDataset() : MemoryDataset(10, 1) {}
  void read_image(std::int64_t index, std::span<float> image) const override {
    if (index == 5) throw DataError("record 5 can't be read");
    MemoryDataset::read_image(index, image);
  }
};

}  // namespace

TEST_CASE("batches follow the order, and the last one is smaller") {
  const auto session = reference_session();
  const MemoryDataset data(10, 1);
  std::vector<std::int64_t> order = counting(10);
  std::swap(order[0], order[9]);
  Batcher batcher(data, *session, DType::f32, 4, order);
  const Batch first = batcher.next();
  CHECK(first.count == 4);
  CHECK(labels_of(first) ==
        std::vector<std::int32_t>{0, 1, 2, 0});  // records 9, 1, 2, 3; the label is the record modulo 3
  std::vector<float> image(36);
  data.read_image(9, image);
  CHECK(std::memcmp(first.images.data(), image.data(), 36 * sizeof(float)) == 0);
  CHECK(batcher.next().count == 4);
  const Batch last = batcher.next();
  CHECK(last.count == 2);
  CHECK(last.images.size() == 2 * 36 * sizeof(float));
  CHECK(labels_of(last) == std::vector<std::int32_t>{2, 0});
  CHECK(batcher.next().count == 0);
  CHECK(batcher.next().count == 0);
}

TEST_CASE("a batcher can begin in the middle of an epoch") {
  const auto session = reference_session();
  const MemoryDataset data(10, 1);
  Batcher batcher(data, *session, DType::f32, 4, counting(10), 8);
  CHECK(labels_of(batcher.next()) == std::vector<std::int32_t>{2, 0});
  CHECK(batcher.next().count == 0);
}

TEST_CASE("f64 programs get the same images, widened") {
  const auto session = reference_session();
  const MemoryDataset data(10, 1);
  Batcher batcher(data, *session, DType::f64, 2, counting(10));
  const Batch batch = batcher.next();
  std::vector<float> image(36);
  data.read_image(1, image);
  for (std::size_t i = 0; i < 36; ++i) {
    double value = 0;
    std::memcpy(&value, batch.images.data() + (36 + i) * sizeof value, sizeof value);
    CHECK(value == static_cast<double>(image[i]));
  }
}

TEST_CASE("what reading throws reaches the training after the batches before it") {
  const auto session = reference_session();
  const BrokenDataset data;
  Batcher batcher(data, *session, DType::f32, 4, counting(10));
  CHECK(batcher.next().count == 4);
  CHECK_THROWS_WITH(batcher.next(), "record 5 can't be read");
}

TEST_CASE("a batcher that is left before its end stops") {
  const auto session = reference_session();
  const MemoryDataset data(1000, 1);
  Batcher batcher(data, *session, DType::f32, 4, counting(1000));
  CHECK(batcher.next().count == 4);
}
