#include <cmath>

#include "catch.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;
using Mode = LayerHarness::Mode;
using Extents = std::vector<std::int64_t>;

namespace {

Shape shape_of(const std::string& type, const std::vector<Given>& given, const std::vector<Shape>& shapes) {
  return LayerHarness(type, given, shapes).output.shape();
}

void check_gradient(const std::string& type, const std::vector<Given>& given,
                    const std::vector<Shape>& shapes, Mode mode = Mode::training) {
  INFO(type);
  LayerHarness(type, given, shapes, mode).check_gradient();
}

}  // namespace

TEST_CASE("gradients of layers with weights are those of their differences") {
  check_gradient("conv2d", {{"filters", 2}, {"kernel", 3}, {"padding", "same"}, {"activation", "tanh"}},
                 {{2, 2, 4, 5}});
  check_gradient(
      "conv2d",
      {{"filters", 4}, {"kernel", Extents{3, 2}}, {"stride", 2}, {"dilation", Extents{1, 2}}, {"groups", 2}},
      {{1, 2, 6, 6}});
  check_gradient("conv2d", {{"filters", 2}, {"kernel", 2}, {"bias", false}}, {{2, 1, 3, 3}});
  check_gradient("conv2d_transpose",
                 {{"filters", 2}, {"kernel", 4}, {"stride", 2}, {"padding", 1}, {"activation", "sigmoid"}},
                 {{1, 2, 3, 3}});
  check_gradient("conv2d_transpose", {{"filters", 1}, {"kernel", 3}, {"stride", 2}, {"padding", "same"}},
                 {{1, 2, 3, 2}});
  check_gradient("dense", {{"units", 3}, {"activation", "softmax"}}, {{4, 5}});
  check_gradient("batch_norm", {{"activation", "tanh"}}, {{3, 2, 2, 2}});
  check_gradient("batch_norm", {}, {{3, 2, 2, 2}}, Mode::evaluation);
}

TEST_CASE("gradients of layers without weights are those of their differences") {
  check_gradient("flatten", {}, {{2, 2, 2, 3}});
  check_gradient("reshape", {{"shape", Extents{3, -1}}}, {{2, 6, 2}});
  check_gradient("activation", {{"function", "leaky_relu"}, {"slope", 0.2}}, {{3, 4}});
  check_gradient("max_pool2d", {{"padding", "same"}}, {{2, 1, 5, 5}});
  check_gradient("avg_pool2d", {{"kernel", 3}, {"stride", 2}, {"padding", 1}}, {{1, 2, 5, 4}});
  check_gradient("dropout", {{"rate", 0.25}}, {{4, 6}});
  check_gradient("add", {}, {{2, 3}, {2, 3}, {2, 3}});
  check_gradient("concat", {}, {{2, 1, 2, 2}, {2, 3, 2, 2}});
}

TEST_CASE("shapes of convolutions") {
  CHECK(shape_of("conv2d", {{"filters", 32}, {"kernel", 3}}, {{32, 1, 28, 28}}) == Shape{32, 32, 26, 26});
  CHECK(shape_of("conv2d", {{"filters", 8}, {"kernel", Extents{5, 2}}, {"padding", "same"}},
                 {{1, 3, 7, 9}}) == Shape{1, 8, 7, 9});
  CHECK(shape_of("conv2d", {{"filters", 8}, {"kernel", 3}, {"stride", 2}, {"padding", "same"}},
                 {{1, 3, 7, 8}}) == Shape{1, 8, 4, 4});
  CHECK(shape_of("conv2d", {{"filters", 1}, {"kernel", 1}, {"padding", Extents{1, 2, 3, 4}}},
                 {{1, 1, 2, 2}}) == Shape{1, 1, 5, 9});
  CHECK(shape_of("conv2d_transpose", {{"filters", 32}, {"kernel", 4}, {"stride", 2}, {"padding", 1}},
                 {{32, 64, 7, 7}}) == Shape{32, 32, 14, 14});
  CHECK(shape_of("conv2d_transpose", {{"filters", 2}, {"kernel", 3}}, {{1, 1, 4, 5}}) == Shape{1, 2, 6, 7});
  for (const int kernel : {1, 2, 3, 4, 5}) {
    CHECK(shape_of("conv2d_transpose",
                   {{"filters", 1}, {"kernel", kernel}, {"stride", 3}, {"padding", "same"}},
                   {{1, 1, 4, 5}}) == Shape{1, 1, 12, 15});
  }
}

TEST_CASE("shapes of the other layers") {
  CHECK(shape_of("dense", {{"units", 10}}, {{32, 128}}) == Shape{32, 10});
  CHECK(shape_of("flatten", {}, {{32, 120, 8, 8}}) == Shape{32, 7680});
  CHECK(shape_of("flatten", {}, {{32, 10}}) == Shape{32, 10});
  CHECK(shape_of("reshape", {{"shape", Extents{1, 28, 28}}}, {{32, 784}}) == Shape{32, 1, 28, 28});
  CHECK(shape_of("reshape", {{"shape", Extents{64, -1, 7}}}, {{2, 3136}}) == Shape{2, 64, 7, 7});
  CHECK(shape_of("max_pool2d", {}, {{2, 3, 7, 6}}) == Shape{2, 3, 3, 3});
  CHECK(shape_of("max_pool2d", {{"padding", "same"}}, {{2, 3, 7, 6}}) == Shape{2, 3, 4, 3});
  CHECK(shape_of("avg_pool2d", {{"kernel", 3}, {"stride", 1}}, {{2, 3, 7, 6}}) == Shape{2, 3, 5, 4});
  CHECK(shape_of("concat", {}, {{2, 3, 4, 4}, {2, 5, 4, 4}}) == Shape{2, 8, 4, 4});
  CHECK(shape_of("concat", {{"axis", 3}}, {{2, 3, 4, 4}, {2, 3, 4, 1}}) == Shape{2, 3, 4, 5});
}

TEST_CASE("an odd pixel of same padding goes to the bottom and the right") {
  LayerHarness layer("conv2d", {{"filters", 1}, {"kernel", 2}, {"padding", "same"}, {"bias", false}},
                     {{1, 1, 2, 2}});
  layer.values["x0"] = f64({1, 1, 2, 2}, {1, 2, 3, 4});
  layer.values["kernel"] = f64({1, 1, 2, 2}, {1, 10, 100, 1000});
  CHECK(layer.run().numbers() == std::vector<double>{4321, 402, 43, 4});
}

TEST_CASE("weights begin Glorot-uniform by their fans, biases at 0, scales at 1") {
  const LayerHarness conv("conv2d", {{"filters", 6}, {"kernel", Extents{3, 5}}, {"groups", 2}},
                          {{1, 4, 8, 8}});
  CHECK(conv.weights.at("kernel").kind == Initializer::Kind::uniform);
  CHECK(conv.weights.at("kernel").b == Approx(std::sqrt(6.0 / (2 * 15 + 6 * 15))));
  CHECK(conv.weights.at("kernel").a == -conv.weights.at("kernel").b);
  CHECK(conv.weights.at("bias").kind == Initializer::Kind::constant);
  CHECK(conv.weights.at("bias").a == 0.0);
  const LayerHarness dense("dense", {{"units", 784}}, {{1, 128}});
  CHECK(dense.weights.at("kernel").b == Approx(std::sqrt(6.0 / (128 + 784))));
  const LayerHarness transposed("conv2d_transpose", {{"filters", 32}, {"kernel", 4}}, {{1, 64, 7, 7}});
  CHECK(transposed.weights.at("kernel").b == Approx(std::sqrt(6.0 / (64 * 16 + 32 * 16))));
  const LayerHarness norm("batch_norm", {}, {{2, 3}});
  CHECK(norm.weights.at("scale").a == 1.0);
  CHECK(norm.weights.at("shift").a == 0.0);
  CHECK(norm.statistics == std::map<std::string, double>{{"mean", 0.0}, {"variance", 1.0}});
}

TEST_CASE("a layer without bias has none") {
  for (const char* type : {"conv2d", "conv2d_transpose"}) {
    CHECK(
        LayerHarness(type, {{"filters", 1}, {"kernel", 1}, {"bias", false}}, {{1, 1, 2, 2}}).weights.size() ==
        1);
  }
  CHECK(LayerHarness("dense", {{"units", 1}, {"bias", false}}, {{1, 1}}).weights.size() == 1);
}

TEST_CASE("dropout drops its share, keeps the mean, and draws anew each step") {
  LayerHarness layer("dropout", {{"rate", 0.25}}, {{100, 100}});
  layer.values["x0"] = f64({100, 100}, std::vector<double>(10000, 3.0));
  const Array first = layer.run();
  std::size_t dropped = 0;
  for (const double y : first.numbers()) {
    if (y == 0.0) {
      ++dropped;
    } else {
      REQUIRE(y == Approx(4.0));
    }
  }
  CHECK(dropped > 2300);  // 2500 expected, standard deviation 43
  CHECK(dropped < 2700);
  CHECK(layer.run() == first);
  layer.values["step"] = i64({}, {2});
  CHECK_FALSE(layer.run() == first);
}

TEST_CASE("dropout changes nothing in evaluation or at rate 0") {
  LayerHarness evaluated("dropout", {{"rate", 0.9}}, {{3, 4}}, Mode::evaluation);
  CHECK(evaluated.run() == evaluated.values.at("x0"));
  LayerHarness none("dropout", {{"rate", 0.0}}, {{3, 4}});
  CHECK(none.run() == none.values.at("x0"));
}

TEST_CASE("add and concat by hand") {
  LayerHarness sum("add", {}, {{1, 2}, {1, 2}, {1, 2}});
  for (int i = 0; i < 3; ++i) sum.values["x" + std::to_string(i)] = f64({1, 2}, {1.0 + i, 10.0 * i});
  CHECK(sum.run().numbers() == std::vector<double>{6, 30});
  LayerHarness joined("concat", {}, {{2, 1}, {2, 2}});
  joined.values["x0"] = f64({2, 1}, {1, 2});
  joined.values["x1"] = f64({2, 2}, {3, 4, 5, 6});
  CHECK(joined.run().numbers() == std::vector<double>{1, 3, 4, 2, 5, 6});
}
