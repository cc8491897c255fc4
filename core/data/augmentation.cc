#include "data/augmentation.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "data/normalization.h"
#include "generalizer/error.h"

namespace generalizer {
namespace {

/// The extents of an image, for index arithmetic.
struct Extents {
  explicit Extents(const Shape& shape) : channels(shape[0]), height(shape[1]), width(shape[2]) {}
  std::size_t at(std::int64_t c, std::int64_t y, std::int64_t x) const {
    return static_cast<std::size_t>((c * height + y) * width + x);
  }
  bool inside(std::int64_t y, std::int64_t x) const { return y >= 0 && y < height && x >= 0 && x < width; }

  std::int64_t channels;
  std::int64_t height;
  std::int64_t width;
};

/// Element `i` of a stream as a whole number in [first, last].
std::int64_t whole_between(const Philox& random, std::uint64_t i, std::int64_t first, std::int64_t last) {
  const auto range = static_cast<std::uint64_t>(last - first + 1);
  return first + static_cast<std::int64_t>((std::uint64_t{random.bits(i)} * range) >> 32);
}

/// Mirrors left and right, up and down, each with a probability of its own draw.
class Flip final : public Augmentation {
 public:
  Flip(const Parameters& given, const Shape& image)
      : extents_(image),
        horizontal_(given.boolean("horizontal")),
        vertical_(given.boolean("vertical")),
        probability_(given.number("probability")) {}

  void apply(std::span<float> image, std::span<float>, const Philox& random) const override {
    const bool mirror_x = horizontal_ && random.uniform(0) < probability_;
    const bool mirror_y = vertical_ && random.uniform(1) < probability_;
    const auto [channels, height, width] = extents_;
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t y = 0; mirror_x && y < height; ++y) {
        const auto row = image.begin() + static_cast<std::ptrdiff_t>(extents_.at(c, y, 0));
        std::reverse(row, row + width);
      }
      for (std::int64_t y = 0; mirror_y && y < height / 2; ++y) {
        const auto upper = image.begin() + static_cast<std::ptrdiff_t>(extents_.at(c, y, 0));
        std::swap_ranges(upper, upper + width,
                         image.begin() + static_cast<std::ptrdiff_t>(extents_.at(c, height - 1 - y, 0)));
      }
    }
  }

 private:
  Extents extents_;
  bool horizontal_;
  bool vertical_;
  double probability_;
};

/// Moves by whole pixels, up to `reach` in each direction. Cropping an image to its own size out of one that is padded by `reach` is the same
/// (He, Zhang, Ren, Sun, 2016, "Deep residual learning for image recognition").
class Shift final : public Augmentation {
 public:
  Shift(std::int64_t reach, const Shape& image) : extents_(image), reach_(reach) {}

  void apply(std::span<float> image, std::span<float> scratch, const Philox& random) const override {
    const std::int64_t down = whole_between(random, 0, -reach_, reach_);
    const std::int64_t right = whole_between(random, 1, -reach_, reach_);
    if (down == 0 && right == 0) return;
    const auto [channels, height, width] = extents_;
    std::copy(image.begin(), image.end(), scratch.begin());
    for (std::int64_t c = 0; c < channels; ++c) {
      for (std::int64_t y = 0; y < height; ++y) {
        for (std::int64_t x = 0; x < width; ++x) {
          const bool inside = extents_.inside(y - down, x - right);
          image[extents_.at(c, y, x)] = inside ? scratch[extents_.at(c, y - down, x - right)] : 0.0F;
        }
      }
    }
  }

 private:
  Extents extents_;
  std::int64_t reach_;
};

/// Turns about the centre by an angle within ±degrees; pixels between four others are their bilinear mean.
class Rotation final : public Augmentation {
 public:
  Rotation(double degrees, const Shape& image) : extents_(image), degrees_(degrees) {}

  void apply(std::span<float> image, std::span<float> scratch, const Philox& random) const override {
    const double angle = (2.0 * random.uniform(0) - 1.0) * degrees_ * std::numbers::pi / 180.0;
    const double cosine = std::cos(angle);
    const double sine = std::sin(angle);
    const auto [channels, height, width] = extents_;
    const double middle_y = static_cast<double>(height - 1) / 2.0;
    const double middle_x = static_cast<double>(width - 1) / 2.0;
    std::copy(image.begin(), image.end(), scratch.begin());
    for (std::int64_t y = 0; y < height; ++y) {
      for (std::int64_t x = 0; x < width; ++x) {
        const double dy = static_cast<double>(y) - middle_y;
        const double dx = static_cast<double>(x) - middle_x;
        const double from_y = middle_y + cosine * dy - sine * dx;
        const double from_x = middle_x + sine * dy + cosine * dx;
        for (std::int64_t c = 0; c < channels; ++c) image[extents_.at(c, y, x)] = between(scratch, c, from_y, from_x);
      }
    }
  }

 private:
  float between(std::span<const float> pixels, std::int64_t c, double y, double x) const {
    const double top = std::floor(y);
    const double left = std::floor(x);
    const auto row = static_cast<std::int64_t>(top);
    const auto column = static_cast<std::int64_t>(left);
    const auto value = [&](std::int64_t dy, std::int64_t dx) {
      return extents_.inside(row + dy, column + dx)
                 ? static_cast<double>(pixels[extents_.at(c, row + dy, column + dx)])
                 : 0.0;
    };
    const double fy = y - top;
    const double fx = x - left;
    return static_cast<float>((1 - fy) * ((1 - fx) * value(0, 0) + fx * value(0, 1)) +
                              fy * ((1 - fx) * value(1, 0) + fx * value(1, 1)));
  }

  Extents extents_;
  double degrees_;
};

/// Blanks a square around a pixel chosen anywhere, cut off at the borders (DeVries, Taylor, 2017, "Improved regularization of convolutional neural
/// networks with cutout").
class Cutout final : public Augmentation {
 public:
  Cutout(std::int64_t size, const Shape& image) : extents_(image), size_(size) {}

  void apply(std::span<float> image, std::span<float>, const Philox& random) const override {
    const std::int64_t top = whole_between(random, 0, 0, extents_.height - 1) - size_ / 2;
    const std::int64_t left = whole_between(random, 1, 0, extents_.width - 1) - size_ / 2;
    for (std::int64_t c = 0; c < extents_.channels; ++c) {
      for (std::int64_t y = std::max<std::int64_t>(top, 0); y < std::min(top + size_, extents_.height); ++y) {
        for (std::int64_t x = std::max<std::int64_t>(left, 0); x < std::min(left + size_, extents_.width); ++x)
          image[extents_.at(c, y, x)] = 0.0F;
      }
    }
  }

 private:
  Extents extents_;
  std::int64_t size_;
};

class Normalize final : public Augmentation {
 public:
  Normalize(Normalization values, const Shape& image) : values_(std::move(values)), pixels_(image[1] * image[2]) {}
  void apply(std::span<float> image, std::span<float>, const Philox&) const override {
    values_.apply(image, pixels_);
  }
  bool random() const override { return false; }

 private:
  Normalization values_;
  std::int64_t pixels_;
};

/// A reach in pixels that leaves something of every image to see.
std::int64_t reach_within(const TypedSpec& entry, const std::string& key, const Shape& image) {
  const std::int64_t reach = entry.parameters.integer(key);
  const std::int64_t smaller = std::min(image[1], image[2]);
  if (reach < smaller) return reach;
  throw GraphError(entry.parameters.where(key),
                   "the augmentation \"" + entry.type.text + "\" moves images by up to " + std::to_string(reach) +
                       " pixels, and they are " + image.to_string() + ": nothing of some would be left",
                   "give \"" + key + "\" a number below " + std::to_string(smaller));
}

}  // namespace

std::unique_ptr<Augmentation> make_augmentation(const TypedSpec& entry, const Shape& image) {
  const std::string& type = entry.type.text;
  const Parameters& given = entry.parameters;
  if (type == "flip") return std::make_unique<Flip>(given, image);
  if (type == "shift") return std::make_unique<Shift>(reach_within(entry, "pixels", image), image);
  if (type == "crop") return std::make_unique<Shift>(reach_within(entry, "padding", image), image);
  if (type == "rotation") return std::make_unique<Rotation>(given.number("degrees"), image);
  if (type == "cutout") return std::make_unique<Cutout>(given.integer("size"), image);
  if (type == "normalize") return std::make_unique<Normalize>(read_normalization(entry, image[0]), image);
  throw GraphError(entry.type.where, "there is no augmentation \"" + type + "\"",
                   "known are flip, shift, crop, rotation, cutout and normalize");
}

}  // namespace generalizer
