#include <cmath>

#include "catch.h"
#include "generalizer/dataset.h"
#include "places.h"
#include "plugin/loader.h"

using namespace generalizer;

namespace {

const DatasetType& type() {
  static Registry registry;
  if (registry.dataset_names().empty()) load_plugin(plugin_folder() + "/datasets.so", registry);
  return *registry.find_dataset("synthetic");
}

Parameters parameters(std::vector<std::int64_t> shape, std::int64_t classes, double noise) {
  Parameters data;
  for (const ParameterSpec& spec : type().parameters) {
    if (spec.default_value) data.set(spec.name, *spec.default_value);
  }
  data.set("shape", std::move(shape));
  data.set("classes", classes);
  data.set("noise", noise);
  return data;
}

std::vector<float> image(const Dataset& data, std::int64_t index) {
  std::vector<float> pixels(static_cast<std::size_t>(data.image_shape().elements()));
  data.read_image(index, pixels);
  return pixels;
}

}  // namespace

TEST_CASE("made-up images have the shape, the counts and the classes that are asked for") {
  const auto train = type().open(parameters({3, 8, 12}, 4, 0.3), Split::train);
  const auto test = type().open(parameters({3, 8, 12}, 4, 0.3), Split::test);
  CHECK(train->image_shape() == Shape{3, 8, 12});
  CHECK(train->size() == 5000);
  CHECK(test->size() == 1000);
  CHECK(train->classes() == 4);
  for (const std::int64_t index : {0, 1, 2, 3, 4, 4999}) CHECK(train->label(index) == index % 4);
  CHECK(image(*train, 7) == image(*train, 7));
  CHECK(image(*train, 7) != image(*test, 7));
  CHECK(image(*train, 7) != image(*train, 11));  // of the same class, and begun elsewhere
  for (const float x : image(*train, 3)) CHECK((x >= 0.0F && x <= 1.0F));
}

TEST_CASE("a class is the direction of its stripes") {
  // Two classes: directions of 0 and of a quarter turn. Of 20 pixels a stripe and its gap take 8.
  const auto data = type().open(parameters({1, 20, 20}, 2, 0.0), Split::train);
  const std::vector<float> upright = image(*data, 0), level = image(*data, 1);
  for (std::size_t y = 0; y < 20; ++y) {
    for (std::size_t x = 0; x < 20; ++x) {
      CHECK(upright[20 * y + x] == upright[x]);
      CHECK(level[20 * y + x] == Approx(level[20 * y]).margin(1e-6));
      if (x + 8 < 20) CHECK(upright[20 * y + x] == Approx(upright[20 * y + x + 8]).margin(1e-6));
    }
  }
  // Over a whole period a sine's squares add up to half of it, wherever it begins: 8·½·0.4².
  double squares = 0.0;
  for (std::size_t x = 0; x < 8; ++x) squares += std::pow(upright[x] - 0.5, 2);
  CHECK(squares == Approx(8 * 0.5 * 0.16).epsilon(1e-5));
}

TEST_CASE("noise stays within its bounds") {
  const auto clean = type().open(parameters({3, 9, 9}, 10, 0.0), Split::train);
  const auto noisy = type().open(parameters({3, 9, 9}, 10, 0.1), Split::train);
  double largest = 0.0;
  for (std::int64_t index = 0; index < 20; ++index) {
    const std::vector<float> a = image(*clean, index), b = image(*noisy, index);
    for (std::size_t i = 0; i < a.size(); ++i) largest = std::max(largest, static_cast<double>(std::abs(a[i] - b[i])));
  }
  CHECK(largest <= 0.1 + 1e-6);
  CHECK(largest > 0.09);  // of 4860 even draws
}
