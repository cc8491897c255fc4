#include "catch.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;
using Mode = LayerHarness::Mode;

TEST_CASE("gradient_reversal passes numbers on and turns gradients round") {
  LayerHarness layer("gradient_reversal", {{"factor", 0.5}}, {{2}});
  const Array x = layer.values.at("x0");
  CHECK(layer.run() == x);
  CHECK(layer.derive(f64({2}, {4.0, -6.0})).at("dx0") == f64({2}, {-2.0, 3.0}));
}

TEST_CASE("noise and dropped channels are there in training alone") {
  for (const char* type : {"gaussian_noise", "spatial_dropout"}) {
    INFO(type);
    LayerHarness evaluated(type, {}, {{2, 8, 3, 3}}, Mode::evaluation);
    CHECK(evaluated.run() == evaluated.values.at("x0"));
    LayerHarness trained(type, {}, {{2, 8, 3, 3}});
    CHECK_FALSE(trained.run() == trained.values.at("x0"));
  }
}

TEST_CASE("spatial_dropout drops whole channels and scales the others") {
  LayerHarness layer("spatial_dropout", {{"rate", 0.5}}, {{4, 16, 2, 2}});
  const Array y = layer.run();
  const Array& x = layer.values.at("x0");
  int dropped = 0;
  for (std::size_t channel = 0; channel < 64; ++channel) {
    const bool gone = y.get(4 * channel) == 0.0;
    dropped += gone ? 1 : 0;
    for (std::size_t i = 4 * channel; i < 4 * channel + 4; ++i) CHECK(y.get(i) == (gone ? 0.0 : 2.0 * x.get(i)));
  }
  CHECK(dropped > 16);  // of 64 with probability ½: four deviations around 32
  CHECK(dropped < 48);
}

TEST_CASE("embedding scales, rounds and holds its indices within the table") {
  LayerHarness layer("embedding", {{"count", 3}, {"units", 1}, {"scale", 10.0}}, {{1, 4}});
  layer.values["table"] = f64({3, 1}, {5, 6, 7});
  layer.values["x0"] = f64({1, 4}, {-0.3, 0.04, 0.16, 2.0});  // −3 → 0, 0.4 → 0, 1.6 → 2, 20 → 2
  CHECK(layer.run() == f64({1, 4, 1}, {5, 5, 7, 7}));
}

TEST_CASE("layers that don't fit say what would") {
  CHECK(refusal("permute", {{"order", std::vector<std::int64_t>{1, 1}}}, {{2, 3, 4}}) .find(
            "order must name each of the axes 1 to 2") != std::string::npos);
  CHECK(refusal("crop", {{"cropping", 2}}, {{1, 1, 4, 5}}).find("leaves nothing of images of 4×5") != std::string::npos);
  CHECK(refusal("slice", {{"begin", 2}, {"end", 9}}, {{2, 5}}).find("is no part of axis 1, which has 5 elements") !=
        std::string::npos);
  CHECK(refusal("group_norm", {{"groups", 4}}, {{2, 6, 2, 2}}).find("has to divide the input's 6 channels") !=
        std::string::npos);
  CHECK(refusal("multi_head_attention", {{"heads", 3}}, {{2, 5, 4}}).find("has to divide the tokens' 4 numbers") !=
        std::string::npos);
  CHECK(refusal("multi_head_attention", {{"heads", 2}}, {{2, 4}}).find("it works on tokens (N×T×C)") !=
        std::string::npos);
  CHECK(refusal("multiply", {}, {{2, 3}, {2, 2}}).find("input 0 is 2×3 where input 1 is 2×2") != std::string::npos);
  CHECK(refusal("spatial_dropout", {}, {{2, 3}}).find("use { type = \"dropout\" } for vectors") != std::string::npos);
  CHECK(refusal("dense", {{"units", 3}}, {{2, 3, 4, 4}}).find("add a flatten layer before it") != std::string::npos);
}

TEST_CASE("a softmax over the batch, or over an axis that is not there, is refused") {
  for (const int axis : {0, -2}) {
    CHECK(refusal("activation", {{"function", "softmax"}, {"axis", axis}}, {{4, 3}}).find("is the batch") !=
          std::string::npos);
  }
  for (const int axis : {2, -3}) {
    CHECK(refusal("activation", {{"function", "softmax"}, {"axis", axis}}, {{4, 3}}).find("its input 4×3 has no axis") !=
          std::string::npos);
  }
}

TEST_CASE("axes count from the end, too, and the batch is none of them") {
  for (const char* type : {"slice", "l2_normalize", "layer_norm"}) {
    INFO(type);
    CHECK(refusal(type, {{"axis", -3}}, {{4, 3, 2}}).find("axis -3 is the batch") != std::string::npos);
    CHECK(refusal(type, {{"axis", -4}}, {{4, 3, 2}}).find("its input 4×3×2 has no axis -4") != std::string::npos);
    CHECK(refusal(type, {{"axis", 0}}, {{4, 3, 2}}).find("axis 0 is the batch") != std::string::npos);
  }
  CHECK(refusal("concat", {{"axis", -1}}, {{4, 3}, {5, 3}}).find("it joins along axis 1") != std::string::npos);
}

TEST_CASE("a bias of attention begins as its initializer says") {
  LayerHarness layer("multi_head_attention", {{"heads", 2}, {"bias_initializer", "ones"}}, {{1, 3, 4}});
  for (const char* bias : {"query_bias", "key_bias", "value_bias", "output_bias"}) {
    INFO(bias);
    CHECK(layer.weights.at(bias).kind == Initializer::Kind::constant);
    CHECK(layer.weights.at(bias).a == 1.0);
  }
}

TEST_CASE("layer_norm along an axis has one scale for each place of it") {
  LayerHarness layer("layer_norm", {{"axis", 1}}, {{2, 3, 4, 5}});
  CHECK(layer.values.at("scale").shape() == Shape{3});
}

TEST_CASE("causal attention refuses two sequences of unequal length") {
  CHECK(refusal("multi_head_attention", {{"heads", 2}, {"causal", true}}, {{2, 3, 4}, {2, 5, 4}})
            .find("input 0 has 3 tokens where input 1 has 5") != std::string::npos);
}

TEST_CASE("a kernel begins as its initializer says") {
  LayerHarness he("dense", {{"units", 4}, {"kernel_initializer", "he_normal"}}, {{2, 8}});
  CHECK(he.weights.at("kernel").kind == Initializer::Kind::normal);
  CHECK(he.weights.at("kernel").b == Approx(0.5));  // √(2/8)
  LayerHarness plain("dense", {{"units", 4}}, {{2, 8}});
  CHECK(plain.weights.at("kernel").kind == Initializer::Kind::uniform);
  CHECK(plain.weights.at("bias").kind == Initializer::Kind::constant);
  LayerHarness one("dense", {{"units", 4}, {"bias_initializer", "ones"}}, {{2, 8}});
  CHECK(one.weights.at("bias").a == 1.0);
  CHECK(refusal("dense", {{"units", 4}, {"kernel_initializer", "constant"}}, {{2, 8}}).find(
            "the initializer \"constant\" needs the key \"value\"") != std::string::npos);
}

TEST_CASE("tables choose an initializer with its own keys, and no others") {
  const auto dense = [](Parameters table) {
    return std::vector<Given>{{"units", 4}, Given("kernel_initializer", std::move(table))};
  };
  Parameters constant;
  constant.set("type", std::string("constant"));
  constant.set("value", 0.25);
  CHECK(LayerHarness("dense", dense(constant), {{2, 8}}).weights.at("kernel").a == 0.25);
  constant.set("gain", 2.0);
  CHECK(refusal("dense", dense(constant), {{2, 8}}).find("the initializer \"constant\" has no key \"gain\"") !=
        std::string::npos);
}

TEST_CASE("a frozen batch_norm uses its running statistics in training and keeps them") {
  LayerHarness layer("batch_norm", {}, {{4, 2}}, Mode::frozen);
  const Array mean = layer.values.at("mean");
  LayerHarness evaluated("batch_norm", {}, {{4, 2}}, Mode::evaluation);
  CHECK(layer.run() == evaluated.run());
  CHECK(layer.values.at("mean") == mean);
}
