#include "data/splits.h"

#include <cmath>
#include <numeric>
#include <set>

#include "catch.h"
#include "data/augmented.h"
#include "places.h"
#include "support/memory_dataset.h"
#include "support/networks.h"

using namespace generalizer;

namespace {

const Registry& registry() {
  static Registry loaded;
  static const bool done = (load_folder(plugin_folder(), loaded), testing::add_memory_dataset(loaded), true);
  (void)done;
  return loaded;
}

/// The splits of 600 training images under these keys of [data].
Splits splits(const std::string& keys, int seed = 3) {
  const std::string text = "backend = \"reference\"\nseed = " + std::to_string(seed) +
                           "\n[data]\ntype = \"memory\"\ntrain = 600\n" + keys +
                           "\n[classifier]\nloss = \"cross_entropy\"\nlayers = [ { type = \"flatten\" }, { type = \"dense\", "
                           "units = 3 } ]\n";
  return open_splits(parse_graph(text, "data.toml", ".", registry()), registry());
}

std::vector<float> image(const Dataset& data, std::int64_t index, std::int64_t epoch = 0) {
  std::vector<float> result(36);
  read_image_of_epoch(data, index, epoch, result);
  return result;
}

}  // namespace

TEST_CASE("validation keeps a part of the training images, and no image is in both") {
  const Splits parts = splits("validation = 0.25");
  REQUIRE(parts.validation);
  CHECK(parts.validation->size() == 150);
  CHECK(parts.train->size() == 450);
  CHECK(parts.test->size() == 20);
  std::set<std::vector<float>> seen;
  for (std::int64_t i = 0; i < 450; ++i) seen.insert(image(*parts.train, i));
  for (std::int64_t i = 0; i < 150; ++i) CHECK(seen.insert(image(*parts.validation, i)).second);
  CHECK(seen.size() == 600);
  CHECK(image(*splits("validation = 0.25").validation, 7) == image(*parts.validation, 7));
  CHECK_FALSE(image(*splits("validation = 0.25", 4).validation, 7) == image(*parts.validation, 7));
  CHECK_FALSE(splits("").validation);
}

TEST_CASE("a part without an image is refused") {
  CHECK_THROWS_WITH(splits("validation = 0.0001"), Catch::Contains("leaves nothing to validate on"));
}

TEST_CASE("label noise replaces about its part of the training labels, and no others") {
  const Splits clean = splits("validation = 0.25");
  const Splits noisy = splits("validation = 0.25\nlabel_noise = 0.6");
  int changed = 0;
  for (std::int64_t i = 0; i < 450; ++i) changed += clean.train->label(i) != noisy.train->label(i) ? 1 : 0;
  // A drawn label is the right one with probability ⅓: 450·0.6·⅔ = 180, four deviations (10.4 each) around it.
  CHECK(changed > 138);
  CHECK(changed < 222);
  for (std::int64_t i = 0; i < 150; ++i) CHECK(clean.validation->label(i) == noisy.validation->label(i));
  for (std::int64_t i = 0; i < 20; ++i) CHECK(clean.test->label(i) == noisy.test->label(i));
}

TEST_CASE("a flip turns whole rows round, in training alone, the same way in every reading of an epoch") {
  const Splits parts = splits("augment = [ { type = \"flip\", probability = 1.0 } ]");
  const std::vector<float> plain = image(*parts.train, 5);
  const std::vector<float> flipped = image(*parts.train, 5, 1);
  for (std::size_t row = 0; row < 6; ++row) {
    for (std::size_t column = 0; column < 6; ++column)
      CHECK(flipped[6 * row + column] == plain[6 * row + 5 - column]);
  }
  CHECK(image(*parts.test, 5, 0) == image(*splits("").test, 5));
}

TEST_CASE("random changes differ from epoch to epoch and image to image, and are repeated by the seed") {
  const std::string keys = "augment = [ { type = \"shift\", pixels = 2 }, { type = \"cutout\", size = 2 }, { type = \"rotation\", degrees = 20 } ]";
  const Splits once = splits(keys);
  const Splits again = splits(keys);
  int same = 0;
  for (std::int64_t epoch = 1; epoch <= 20; ++epoch) {
    CHECK(image(*once.train, 3, epoch) == image(*again.train, 3, epoch));
    same += image(*once.train, 3, epoch) == image(*once.train, 3, epoch + 1) ? 1 : 0;
  }
  CHECK(same == 0);
}

TEST_CASE("a shift moves an image and fills with zeros") {
  const Splits parts = splits("augment = [ { type = \"shift\", pixels = 1 } ]");
  const std::vector<float> plain = image(*parts.train, 0);
  for (std::int64_t epoch = 1; epoch <= 10; ++epoch) {
    const std::vector<float> moved = image(*parts.train, 0, epoch);
    bool found = false;
    for (int dy = -1; dy <= 1 && !found; ++dy) {
      for (int dx = -1; dx <= 1 && !found; ++dx) {
        found = true;
        for (int y = 0; y < 6; ++y) {
          for (int x = 0; x < 6; ++x) {
            const bool inside = y - dy >= 0 && y - dy < 6 && x - dx >= 0 && x - dx < 6;
            const float expected = inside ? plain[static_cast<std::size_t>(6 * (y - dy) + x - dx)] : 0.0F;
            found = found && moved[static_cast<std::size_t>(6 * y + x)] == expected;
          }
        }
      }
    }
    CHECK(found);
  }
}

TEST_CASE("normalize is done to every image and can be undone") {
  const Splits parts = splits("augment = [ { type = \"normalize\", mean = 0.5, deviation = 0.25 } ]");
  for (const Dataset* data : {parts.train.get(), parts.test.get()}) {
    std::vector<float> normal = image(*data, 1);
    const std::vector<float> plain = image(*(data == parts.test.get() ? splits("").test : splits("").train), 1);
    for (std::size_t i = 0; i < 36; ++i) CHECK(normal[i] == Approx((plain[i] - 0.5) / 0.25).margin(1e-6));
    parts.normalization.undo(normal, 36);
    for (std::size_t i = 0; i < 36; ++i) CHECK(normal[i] == Approx(plain[i]).margin(1e-6));
  }
}
