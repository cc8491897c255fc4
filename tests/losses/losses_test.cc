#include <cmath>

#include "catch.h"
#include "generalizer/loss.h"
#include "places.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

const LossType& loss(const std::string& name) {
  static Registry registry;
  if (registry.loss_names().empty())
    load_plugin(plugin_folder() + "/losses.so", registry);
  REQUIRE(registry.find_loss(name) != nullptr);
  return *registry.find_loss(name);
}

double value(const std::string& name, const Array& prediction, const Array& target) {
  const Parameters none = parameters_of(loss(name).parameters, {});
  return compute({prediction, target},
                 [&](const std::vector<Tensor>& x) {
                   return std::vector{loss(name).build({x[0], x[1], none})};
                 })[0]
      .get(0);
}

}  // namespace

TEST_CASE("cross_entropy is the mean of −log softmax at the labels") {
  CHECK(loss("cross_entropy").target == LossTarget::labels);
  // Row 0: equal logits over 4 classes; row 1: odds of 3 to 1 + 1 + 1.
  const Array logits = f64({2, 4}, {5, 5, 5, 5, 0, std::log(3.0), 0, 0});
  CHECK(value("cross_entropy", logits, i32({2}, {2, 1})) == Approx((std::log(4.0) + std::log(2.0)) / 2));
}

TEST_CASE("cross_entropy stays finite for large logits") {
  CHECK(value("cross_entropy", f64({1, 2}, {1e4, -1e4}), i32({1}, {1})) == Approx(2e4));
}

TEST_CASE("mse is the mean over all elements") {
  CHECK(loss("mse").target == LossTarget::values);
  CHECK(value("mse", f64({2, 2}, {1, 2, 3, 4}), f64({2, 2}, {1, 0, 0, 8})) == Approx((0 + 4 + 9 + 16) / 4.0));
}
