// The losses against PyTorch's and scikit-image's: losses.json was made by tests/golden/losses.py (float64).
#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>

#include "catch.h"
#include "generalizer/loss.h"
#include "places.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

const Registry& losses() {
  static Registry registry;
  if (registry.loss_names().empty())
    load_plugin(plugin_folder() + "/losses.so", registry);
  return registry;
}

Array array_of(const json& entry, DType dtype = DType::f64) {
  return Array({dtype, Shape(entry.at("shape").get<std::vector<std::int64_t>>())},
               entry.at("numbers").get<std::vector<double>>());
}

Parameters parameters_of(const LossType& type, const json& given) {
  Parameters parameters = test::parameters_of(type.parameters, {});
  for (const auto& [name, value] : given.items()) {
    if (value.is_boolean()) parameters.set(name, value.get<bool>());
    if (value.is_number()) parameters.set(name, value.get<double>());
    if (value.is_array()) parameters.set(name, value.get<std::vector<double>>());
  }
  return parameters;
}

struct Derived {
  double loss;
  Array gradient;
};

Derived derive(const LossType& type, const Parameters& parameters, const Array& prediction, const Array& target) {
  Program program("loss");
  const Tensor x(program, program.add_input("prediction", prediction.type()));
  const Tensor t(program, program.add_input("target", target.type()));
  const Tensor loss = type.build({x, t, parameters});
  program.add_output("loss", loss.id());
  program.add_output("gradient", gradients(loss, std::vector{x})[0].id());
  program.verify();
  const Arrays out = evaluate(program, Arrays{{"prediction", prediction}, {"target", target}});
  return {out.at("loss").get(0), out.at("gradient")};
}

}  // namespace

TEST_CASE("losses and their gradients are PyTorch's, ssim is scikit-image's") {
  std::ifstream stream(project_folder() + "/tests/golden/losses.json");
  REQUIRE(stream.good());
  std::set<std::string> covered;
  const json golden = json::parse(stream);
  for (const json& entry : golden.at("cases")) {
    INFO(entry.at("type") << " " << entry.at("parameters"));
    const LossType& type = *losses().find_loss(entry.at("type"));
    covered.insert(type.name);
    const DType wanted = type.target == LossTarget::labels ? DType::i32 : DType::f64;
    const Array prediction = array_of(entry.at("prediction"));
    const Array target = array_of(entry.at("target"), wanted);
    const Derived found = derive(type, parameters_of(type, entry.at("parameters")), prediction, target);
    CHECK(found.loss == Approx(entry.at("loss").get<double>()).epsilon(1e-10));
    if (!entry.contains("gradient")) continue;
    const Array expected = array_of(entry.at("gradient"));
    for (std::size_t i = 0; i < expected.size(); ++i)
      CHECK(found.gradient.get(i) == Approx(expected.get(i)).epsilon(1e-10).margin(1e-12));
  }
  for (const std::string& name : losses().loss_names()) {
    INFO(name);
    CHECK(covered.contains(name));
  }
}

TEST_CASE("ssim's gradient is that of finite differences, and images alike have no loss") {
  const LossType& ssim = *losses().find_loss("ssim");
  Parameters parameters = test::parameters_of(ssim.parameters, {{"window", 3}});
  const Array image = random_array({1, 1, 4, 5}, 1, 0.1, 0.9);
  CHECK(derive(ssim, parameters, image, image).loss == Approx(0.0).margin(1e-12));
  const Array other = random_array({1, 1, 4, 5}, 2, 0.1, 0.9);
  const Array gradient = derive(ssim, parameters, image, other).gradient;
  constexpr double step = 1e-6;
  for (std::size_t i = 0; i < image.size(); ++i) {
    Array up = image;
    Array down = image;
    up.set(i, image.get(i) + step);
    down.set(i, image.get(i) - step);
    const double difference =
        (derive(ssim, parameters, up, other).loss - derive(ssim, parameters, down, other).loss) / (2 * step);
    CHECK(gradient.get(i) == Approx(difference).epsilon(1e-6).margin(1e-8));
  }
}

TEST_CASE("losses refuse what they can't compare") {
  const LossType& ssim = *losses().find_loss("ssim");
  const Parameters defaults = test::parameters_of(ssim.parameters, {});
  const Array small = random_array({1, 1, 8, 8}, 1);
  CHECK_THROWS_WITH(derive(ssim, defaults, small, small),
                    Catch::Contains("at least 11×11 pixels, its window; choose a smaller `window`"));
  const LossType& entropy = *losses().find_loss("cross_entropy");
  Parameters three = test::parameters_of(entropy.parameters, {});
  three.set("class_weights", std::vector<double>{1.0, 2.0, 3.0});
  CHECK_THROWS_WITH(derive(entropy, three, random_array({2, 4}, 1), i32({2}, {0, 1})),
                    Catch::Contains("class_weights has 3 numbers and there are 4 classes; give one a class"));
}

TEST_CASE("binary_cross_entropy stays finite where a pixel is certain and wrong") {
  const LossType& type = *losses().find_loss("binary_cross_entropy");
  const Parameters defaults = test::parameters_of(type.parameters, {});
  const Derived found = derive(type, defaults, f64({1}, {0.0}), f64({1}, {1.0}));
  CHECK(found.loss == Approx(100.0));  // PyTorch's bound of the logarithm
  CHECK(std::isfinite(found.gradient.get(0)));
}

TEST_CASE("binary_cross_entropy of a logit of 0, as weights of 0 give it, has the gradient of a sigmoid of one half") {
  const LossType& type = *losses().find_loss("binary_cross_entropy");
  Parameters logits = test::parameters_of(type.parameters, {{"logits", true}});
  const Derived found = derive(type, logits, f64({2}, {0.0, 0.0}), f64({2}, {1.0, 0.25}));
  CHECK(found.gradient.get(0) == Approx((0.5 - 1.0) / 2));
  CHECK(found.gradient.get(1) == Approx((0.5 - 0.25) / 2));
}
