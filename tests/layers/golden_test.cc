// The layers' values against PyTorch's: layers.json was made by tests/golden/layers.py (float64).
#include <set>

#include "catch.h"
#include "golden.h"

using namespace generalizer;
using namespace generalizer::test;
using nlohmann::json;

namespace {

void require_close(const Array& found, const Array& expected) {
  REQUIRE(found.type() == expected.type());
  for (std::size_t i = 0; i < found.size(); ++i) {
    INFO("element " << i);
    REQUIRE(found.get(i) == Approx(expected.get(i)).epsilon(1e-12).margin(1e-12));
  }
}

}  // namespace

TEST_CASE("layers give PyTorch's values") {
  for (const json& entry : read_cases()) {
    INFO(entry.at("type") << " " << entry.at("parameters"));
    LayerHarness layer(entry.at("type"), given_of(entry.at("parameters")), input_shapes(entry));
    fill(layer, entry);
    require_close(layer.run(), array_of(entry.at("y")));
  }
}

TEST_CASE("layers give PyTorch's gradients") {
  for (const json& entry : read_cases()) {
    INFO(entry.at("type") << " " << entry.at("parameters"));
    LayerHarness layer(entry.at("type"), given_of(entry.at("parameters")), input_shapes(entry));
    fill(layer, entry);
    const Arrays found = layer.derive(array_of(entry.at("cotangent")));
    for (std::size_t i = 0; i < entry.at("inputs").size(); ++i) {
      INFO("by input " << i);
      require_close(found.at("dx" + std::to_string(i)), array_of(entry.at("input_gradients").at(i)));
    }
    for (const auto& [name, gradient] : entry.at("weight_gradients").items()) {
      INFO("by " << name);
      require_close(found.at("d" + name), array_of(gradient));
    }
  }
}

TEST_CASE("every layer has a case of PyTorch's, but those whose numbers are random or that turn a gradient") {
  std::set<std::string> covered{"dropout", "spatial_dropout", "gaussian_noise", "gradient_reversal", "variational"};
  for (const json& entry : read_cases()) covered.insert(entry.at("type").get<std::string>());
  for (const std::string& name : layer_registry().layer_names()) {
    INFO(name);
    CHECK(covered.contains(name));
  }
}

TEST_CASE("batch_norm moves its running statistics and evaluates with them as PyTorch does") {
  for (const json& entry : read_cases()) {
    if (entry.at("type") != "batch_norm") continue;
    for (const auto mode : {LayerHarness::Mode::training, LayerHarness::Mode::evaluation}) {
      LayerHarness layer("batch_norm", given_of(entry.at("parameters")), input_shapes(entry),
                         mode);
      fill(layer, entry);
      for (const char* name : {"mean", "variance"}) layer.values[name] = array_of(entry.at(name));
      const bool training = mode == LayerHarness::Mode::training;
      require_close(layer.run(), array_of(entry.at(training ? "y" : "evaluated")));
      require_close(layer.values.at("mean"), array_of(entry.at(training ? "next_mean" : "mean")));
      require_close(layer.values.at("variance"), array_of(entry.at(training ? "next_variance" : "variance")));
    }
  }
}
