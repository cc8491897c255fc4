// Against scikit-image and pytorch-msssim: tests/golden/audit.json was made by tests/golden/audit.py.
#include "audit/image_quality.h"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

#include "catch.h"
#include "places.h"

using namespace generalizer;

namespace {

struct Pair {
  std::vector<float> original;
  std::vector<float> changed;
};

/// As `pair` of audit.py.
Pair pair_of(const Shape& shape, std::int64_t noise) {
  Pair pair;
  std::int64_t state = 12345;
  for (std::int64_t c = 0; c < shape[0]; ++c) {
    for (std::int64_t y = 0; y < shape[1]; ++y) {
      for (std::int64_t x = 0; x < shape[2]; ++x) {
        state = (1103515245 * state + 12345) % (std::int64_t{1} << 31);
        const std::int64_t pixel = (y * y + 3 * x * y + 7 * x + 40 * c) / 16 % 256;
        const std::int64_t other = std::clamp<std::int64_t>(pixel + (state >> 16) % (noise + 1) - noise / 2, 0, 255);
        pair.original.push_back(static_cast<float>(pixel) / 255.0F);
        pair.changed.push_back(static_cast<float>(other) / 255.0F);
      }
    }
  }
  return pair;
}

}  // namespace

TEST_CASE("mse, PSNR, SSIM and MS-SSIM are those of scikit-image and pytorch-msssim") {
  std::ifstream stream(project_folder() + "/tests/golden/audit.json");
  REQUIRE(stream);
  const nlohmann::json all = nlohmann::json::parse(stream);
  for (const nlohmann::json& golden : all.at("images")) {
    const Shape shape(golden.at("shape").get<std::vector<std::int64_t>>());
    const Pair pair = pair_of(shape, golden.at("noise").get<std::int64_t>());
    CAPTURE(shape.to_string());
    const ImageQuality quality = image_quality(pair.changed, pair.original, shape);
    CHECK(scales_that_fit(shape) == golden.at("scales").get<std::int64_t>());
    CHECK(quality.mse == Approx(golden.at("mse").get<double>()).epsilon(1e-5));
    CHECK(quality.psnr == Approx(golden.at("psnr").get<double>()).epsilon(1e-5));
    CHECK(quality.ssim.value() == Approx(golden.at("ssim").get<double>()).epsilon(1e-4));
    CHECK(quality.ms_ssim.value() == Approx(golden.at("ms_ssim").get<double>()).epsilon(1e-4));
  }
}

TEST_CASE("An image recreated to the last bit has 100 dB and similarities of 1") {
  const Pair pair = pair_of({1, 28, 28}, 0);
  const ImageQuality quality = image_quality(pair.original, pair.original, {1, 28, 28});
  CHECK(quality.mse == 0.0);
  CHECK(quality.psnr == 100.0);
  CHECK(quality.ssim.value() == Approx(1.0));
  CHECK(quality.ms_ssim.value() == Approx(1.0));
}

TEST_CASE("Figures are means over images") {
  std::vector<float> originals(2 * 12 * 12, 0.5F);
  std::vector<float> answers = originals;
  for (std::size_t i = 0; i < 144; ++i) answers[i] = 0.6F;
  const ImageQuality quality = image_quality(answers, originals, {1, 12, 12});
  CHECK(quality.mse == Approx(0.005));
  CHECK(quality.psnr == Approx((20.0 + 100.0) / 2).epsilon(1e-5));  // of each image, not of the mean error
}

TEST_CASE("Images smaller than the window have no similarity, and larger ones as many scales as fit") {
  CHECK(scales_that_fit({1, 10, 28}) == 0);
  CHECK(scales_that_fit({1, 11, 11}) == 1);
  CHECK(scales_that_fit({1, 28, 28}) == 2);
  CHECK(scales_that_fit({3, 32, 32}) == 2);
  CHECK(scales_that_fit({3, 400, 400}) == 5);
  const std::vector<float> image(100, 0.5F);
  CHECK_FALSE(image_quality(image, image, {1, 10, 10}).ssim.has_value());
  CHECK_FALSE(image_quality(image, image, {1, 10, 10}).ms_ssim.has_value());
}
