#include "synthetic.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "generalizer/random.h"
#include "labels.h"

namespace generalizer {
namespace {

/// Stripes in a direction and a colour of each class's own. Where they begin is random in every image, and noise lies over them, so that no single
/// pixel tells the class.
class Stripes final : public Dataset {
 public:
  Stripes(Shape shape, std::int64_t classes, std::int64_t size, double noise, std::uint64_t seed, Split split)
      : shape_(std::move(shape)),
        classes_(classes),
        size_(size),
        noise_(noise),
        seed_(seed),
        stream_(stream_of(split == Split::train ? "synthetic/train" : "synthetic/test")) {}

  std::int64_t size() const override { return size_; }
  Shape image_shape() const override { return shape_; }
  std::int64_t classes() const override { return classes_; }
  /// In turn, so that every class has as many images as the next.
  std::int32_t label(std::int64_t index) const override { return static_cast<std::int32_t>(index % classes_); }

  void read_image(std::int64_t index, std::span<float> image) const override {
    const Philox random(seed_, mix_streams(stream_, static_cast<std::uint64_t>(index)));
    const std::int64_t channels = shape_[0], height = shape_[1], width = shape_[2];
    const double part = static_cast<double>(label(index)) / static_cast<double>(classes_);
    const double angle = std::numbers::pi * part;  // half a turn brings stripes onto themselves
    const double phase = 2.0 * std::numbers::pi * random.uniform(0);
    // Two stripes and a half across the shorter side, but none narrower than four pixels.
    const double shorter = static_cast<double>(std::min(height, width));
    const double frequency = 2.0 * std::numbers::pi / std::max(4.0, shorter / 2.5);
    std::size_t i = 0;
    for (std::int64_t c = 0; c < channels; ++c) {
      const double tint = channels == 1 ? 1.0 : 0.6 + 0.4 * std::cos(2.0 * std::numbers::pi * (part + static_cast<double>(c) / static_cast<double>(channels)));
      for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x, ++i) {
          const double along = static_cast<double>(x) * std::cos(angle) + static_cast<double>(y) * std::sin(angle);
          const double clean = 0.5 + 0.4 * tint * std::sin(frequency * along + phase);
          const double value = clean + noise_ * (2.0 * random.uniform(i + 1) - 1.0);
          image[i] = static_cast<float>(std::clamp(value, 0.0, 1.0));
        }
      }
    }
  }

 private:
  Shape shape_;
  std::int64_t classes_, size_;
  double noise_;
  std::uint64_t seed_, stream_;
};

std::unique_ptr<Dataset> open(const Parameters& data, Split split) {
  const std::int64_t size = limited(data, data.integer(split == Split::train ? "train_images" : "test_images"));
  return std::make_unique<Stripes>(Shape(data.integers("shape")), data.integer("classes"), size, data.number("noise"),
                                   static_cast<std::uint64_t>(data.integer("seed")), split);
}

}  // namespace

DatasetType synthetic_dataset() {
  using Type = ParameterType;
  ParameterSpec shape = at_least(parameter("shape", {Type::integers}, std::vector<std::int64_t>{3, 32, 32}, "Channels, height and width."), 1);
  shape.length = 3;
  return {.name = "synthetic",
          .summary = "Made-up images: noisy stripes in a direction and a colour of each class's own, to try a network without data.",
          .parameters = {std::move(shape),
                         at_least(parameter("classes", {Type::integer}, std::int64_t{10}, "Classes."), 2),
                         at_least(parameter("train_images", {Type::integer}, std::int64_t{5000}, "Images to train on."), 1),
                         at_least(parameter("test_images", {Type::integer}, std::int64_t{1000}, "Images to test on."), 1),
                         at_most(at_least(parameter("noise", {Type::number}, 0.3, "Added to each pixel, evenly within plus and minus so much."), 0.0), 1.0),
                         at_least(parameter("seed", {Type::integer}, std::int64_t{0}, "Another one gives other images."), 0),
                         limit_parameter()},
          .open = open};
}

}  // namespace generalizer
