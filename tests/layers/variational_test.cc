// The variational bottleneck: what it draws, and the penalty that it adds.
#include <cmath>

#include "catch.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

double softplus(double x) { return std::log1p(std::exp(x)); }

/// x·kernel + bias, row-major N×units.
std::vector<double> product(const LayerHarness& layer, const std::string& part) {
  const Array& x = layer.values.at("x0");
  const Array& kernel = layer.values.at(part + "_kernel");
  const Array& bias = layer.values.at(part + "_bias");
  const std::size_t inputs = static_cast<std::size_t>(kernel.shape()[0]);
  const std::size_t units = static_cast<std::size_t>(kernel.shape()[1]);
  std::vector<double> y;
  for (std::size_t row = 0; row < x.size() / inputs; ++row) {
    for (std::size_t unit = 0; unit < units; ++unit) {
      double sum = bias.get(unit);
      for (std::size_t i = 0; i < inputs; ++i) sum += x.get(row * inputs + i) * kernel.get(i * units + unit);
      y.push_back(sum);
    }
  }
  return y;
}

}  // namespace

TEST_CASE("the penalty is the divergence from a standard normal distribution, as a mean over the batch") {
  LayerHarness layer("variational", {{"units", 3}, {"kl_weight", 0.5}}, {{4, 5}});
  REQUIRE(layer.penalties.size() == 1);
  const std::vector<double> mean = product(layer, "mean");
  const std::vector<double> raw = product(layer, "deviation");
  double divergence = 0.0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double deviation = softplus(raw[i] - 5.0) + 1e-6;
    divergence += 0.5 * (mean[i] * mean[i] + deviation * deviation - 1.0) - std::log(deviation);
  }
  layer.program().add_output("penalty", layer.penalties.front().id());
  const Arrays found = evaluate(layer.program(), layer.values);
  CHECK(found.at("penalty").get(0) == Approx(0.5 * divergence / 4.0).epsilon(1e-12));
}

TEST_CASE("the gradients of a variational layer are those of differences") {
  LayerHarness layer("variational", {{"units", 3}}, {{4, 5}});
  layer.check_gradient();
}

TEST_CASE("in evaluation a variational layer gives its mean, or draws where that is asked for, and adds no penalty") {
  LayerHarness mean("variational", {{"units", 3}}, {{4, 5}}, LayerHarness::Mode::evaluation);
  CHECK(mean.penalties.empty());
  const std::vector<double> expected = product(mean, "mean");
  const Array found = mean.run();
  for (std::size_t i = 0; i < expected.size(); ++i) CHECK(found.get(i) == Approx(expected[i]).epsilon(1e-12));
  LayerHarness drawn("variational", {{"units", 3}, {"sample_in_use", true}}, {{4, 5}}, LayerHarness::Mode::evaluation);
  CHECK_FALSE(drawn.run() == found);
  CHECK(LayerHarness("variational", {{"units", 3}, {"kl_weight", 0.0}}, {{4, 5}}).penalties.empty());
}

TEST_CASE("a variational layer takes vectors") {
  CHECK(refusal("variational", {{"units", 3}}, {{4, 1, 6, 6}}).find("add a flatten layer before it") != std::string::npos);
}
