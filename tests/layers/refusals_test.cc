#include "catch.h"
#include "support/layer_harness.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Contains;
using Extents = std::vector<std::int64_t>;

TEST_CASE("a window larger than its input is refused with both sizes") {
  CHECK_THAT(refusal("conv2d", {{"filters", 1}, {"kernel", 5}}, {{1, 1, 4, 8}}),
             Contains("kernel: error") && Contains("5×5") && Contains("4×8"));
  CHECK_THAT(
      refusal("conv2d", {{"filters", 1}, {"kernel", 3}, {"dilation", 3}, {"padding", 1}}, {{1, 1, 4, 4}}),
      Contains("7×7") && Contains("4×4") && Contains("padded to 6×6"));
  CHECK_THAT(refusal("max_pool2d", {{"kernel", Extents{2, 9}}}, {{1, 1, 8, 8}}),
             Contains("2×9") && Contains("8×8"));
  CHECK_THAT(refusal("avg_pool2d", {}, {{1, 1, 1, 8}}), Contains("2×2") && Contains("1×8"));
}

TEST_CASE("an input of the wrong rank is refused with what to do") {
  CHECK_THAT(refusal("dense", {{"units", 120}}, {{32, 120, 8, 8}}),
             Contains("32×120×8×8") && Contains("flatten"));
  CHECK_THAT(refusal("conv2d", {{"filters", 1}, {"kernel", 1}}, {{32, 120}}),
             Contains("N×C×H×W") && Contains("32×120") && Contains("hint"));
  CHECK_THAT(refusal("conv2d_transpose", {{"filters", 1}, {"kernel", 1}}, {{32, 120}}),
             Contains("N×C×H×W") && Contains("reshape"));
  CHECK_THAT(refusal("max_pool2d", {}, {{32, 120}}), Contains("N×C×H×W") && Contains("32×120"));
}

TEST_CASE("paddings and pairs of the wrong length are refused at the parameter") {
  CHECK_THAT(refusal("conv2d", {{"filters", 1}, {"kernel", Extents{1, 2, 3}}}, {{1, 1, 4, 4}}),
             Contains("kernel: error") && Contains("[1, 2, 3]"));
  CHECK_THAT(
      refusal("conv2d", {{"filters", 1}, {"kernel", 1}, {"padding", Extents{1, 2, 3}}}, {{1, 1, 4, 4}}),
      Contains("padding: error") && Contains("[1, 2, 3]") && Contains("[top, bottom, left, right]"));
  CHECK_THAT(refusal("max_pool2d", {{"padding", 2}}, {{1, 1, 8, 8}}),
             Contains("padding: error") && Contains("2×2"));
}

TEST_CASE("groups that don't divide the channels are refused with both counts") {
  CHECK_THAT(
      refusal("conv2d", {{"filters", 6}, {"kernel", 1}, {"groups", 4}}, {{1, 8, 2, 2}}),
      Contains("groups: error") && Contains("groups = 4") && Contains("8 channels") && Contains("6 filters"));
  CHECK_THAT(
      refusal("conv2d_transpose", {{"filters", 6}, {"kernel", 1}, {"groups", 4}}, {{1, 8, 2, 2}}),
      Contains("groups: error") && Contains("groups = 4") && Contains("8 channels") && Contains("6 filters"));
}

TEST_CASE("transposed convolutions refuse impossible outputs") {
  CHECK_THAT(refusal("conv2d_transpose",
                     {{"filters", 1}, {"kernel", 3}, {"stride", 2}, {"output_padding", 2}}, {{1, 1, 4, 4}}),
             Contains("output_padding: error") && Contains("stride 2×2"));
  CHECK_THAT(refusal("conv2d_transpose", {{"filters", 1}, {"kernel", 1}, {"padding", 3}}, {{1, 1, 4, 4}}),
             Contains("padding: error") && Contains("-2 rows"));
  CHECK_THAT(
      refusal("conv2d_transpose",
              {{"filters", 1}, {"kernel", 3}, {"stride", 2}, {"padding", "same"}, {"output_padding", 1}},
              {{1, 1, 4, 4}}),
      Contains("output_padding: error") && Contains("same"));
}

TEST_CASE("a reshape that doesn't fit is refused with both counts") {
  CHECK_THAT(refusal("reshape", {{"shape", Extents{1, 28, 28}}}, {{32, 128}}),
             Contains("shape: error") && Contains("128 numbers") && Contains("1×28×28"));
  CHECK_THAT(refusal("reshape", {{"shape", Extents{5, -1}}}, {{2, 12}}), Contains("12 numbers"));
  CHECK_THAT(refusal("reshape", {{"shape", Extents{-1, -1}}}, {{2, 12}}), Contains("only one"));
  CHECK_THAT(refusal("reshape", {{"shape", Extents{0, 12}}}, {{2, 12}}), Contains("at least 1"));
  CHECK_THAT(refusal("reshape", {{"shape", Extents{}}}, {{2, 12}}), Contains("empty"));
}

TEST_CASE("joins of unequal shapes are refused with both") {
  CHECK_THAT(refusal("add", {}, {{2, 3}, {2, 3}, {2, 4}}),
             Contains("2×3") && Contains("2×4") && Contains("input 2"));
  CHECK_THAT(refusal("concat", {}, {{2, 3, 4, 4}, {2, 3, 5, 4}}),
             Contains("2×3×4×4") && Contains("2×3×5×4") && Contains("axis 1"));
  CHECK_THAT(refusal("concat", {{"axis", 2}}, {{2, 3}, {2, 3}}),
             Contains("axis: error") && Contains("axis 2"));
}

TEST_CASE("batch_norm refuses to train on one number a channel, dropout a rate of 1") {
  CHECK_THAT(refusal("batch_norm", {}, {{1, 8}}), Contains("1×8") && Contains("batch"));
  CHECK_NOTHROW(LayerHarness("batch_norm", {}, {{1, 8}}, LayerHarness::Mode::evaluation));
  CHECK_THAT(refusal("dropout", {{"rate", 1.0}}, {{2, 8}}), Contains("rate: error"));
}

TEST_CASE("an unknown activation is refused with the nearest and all known") {
  Program program;
  const Tensor x(program, program.add_input("x", {DType::f32, {2, 2}}));
  CHECK_THROWS_WITH(apply_activation("rleu", x),
                    Contains("\"rleu\"") && Contains("Did you mean \"relu\"") && Contains("\"sigmoid\""));
  for (const std::string& name : activation_names()) CHECK(apply_activation(name, x).type() == x.type());
}
