#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

struct Sizes {
  const char* what;
  Shape x;
  Shape weights;
  ConvolutionGeometry geometry = {};
};

const std::vector<Sizes> table = {
    {"3×3 over one channel, batch 1", {1, 1, 5, 7}, {4, 1, 3, 3}},
    {"3×3 over one channel", {3, 1, 28, 28}, {32, 1, 3, 3}},
    {"1×1", {2, 17, 5, 3}, {9, 17, 1, 1}},
    {"17 channels to 33", {2, 17, 6, 5}, {33, 17, 3, 3}},
    {"32 channels to 32, as wide as the image",
     {2, 32, 7, 7},
     {32, 32, 3, 3},
     {{1, 1}, {1, 1, 1, 1}, {1, 1}, 1}},
    {"a kernel as large as the image", {2, 3, 4, 5}, {2, 3, 4, 5}},
    {"one pixel", {2, 3, 1, 1}, {5, 3, 1, 1}},
    {"taps in the padding alone", {1, 2, 1, 1}, {3, 2, 3, 3}, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 1}},
    {"stride 2", {2, 3, 8, 9}, {4, 3, 3, 3}, {{2, 2}, {1, 1, 1, 1}, {1, 1}, 1}},
    {"stride 2 where a row and a column are left over",
     {2, 3, 8, 10},
     {4, 3, 3, 3},
     {{2, 2}, {0, 0, 0, 0}, {1, 1}, 1}},
    {"uneven strides, kernel and padding", {1, 2, 7, 6}, {3, 2, 3, 2}, {{2, 3}, {1, 1, 0, 1}, {1, 1}, 1}},
    {"padding on the far sides", {1, 2, 5, 5}, {3, 2, 2, 2}, {{1, 1}, {0, 1, 0, 1}, {1, 1}, 1}},
    {"padding on the near sides", {1, 2, 5, 5}, {3, 2, 2, 2}, {{1, 1}, {1, 0, 1, 0}, {1, 1}, 1}},
    {"4×4, stride 2, padding 1", {2, 3, 14, 14}, {8, 3, 4, 4}, {{2, 2}, {1, 1, 1, 1}, {1, 1}, 1}},
    {"stride 2 over one channel, 4×4", {2, 1, 28, 28}, {32, 1, 4, 4}, {{2, 2}, {1, 1, 1, 1}, {1, 1}, 1}},
    {"dilated", {2, 3, 9, 8}, {4, 3, 3, 3}, {{1, 1}, {0, 0, 0, 0}, {2, 2}, 1}},
    {"dilated unevenly, strided and padded", {1, 2, 9, 11}, {3, 2, 3, 2}, {{2, 1}, {2, 1, 0, 2}, {2, 3}, 1}},
    {"two groups", {2, 4, 5, 5}, {6, 2, 3, 3}, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 2}},
    {"three groups of odd widths", {1, 9, 5, 6}, {15, 3, 3, 3}, {{2, 1}, {1, 1, 1, 1}, {1, 1}, 3}},
    {"depthwise", {2, 5, 6, 6}, {5, 1, 3, 3}, {{1, 1}, {1, 1, 1, 1}, {1, 1}, 5}},
    {"depthwise, two outputs a channel", {2, 3, 6, 5}, {6, 1, 3, 3}, {{2, 2}, {1, 1, 1, 1}, {1, 1}, 3}},
    {"strides that leave pixels out", {1, 2, 9, 8}, {2, 2, 2, 2}, {{5, 4}, {0, 0, 0, 0}, {1, 1}, 1}},
};

Shape output_shape(const Sizes& s) {
  Program program("shape");
  const Tensor x(program, program.add_input("x", {DType::f64, s.x}));
  return conv2d(x, Tensor(program, program.add_input("w", {DType::f64, s.weights})), s.geometry).shape();
}

}  // namespace

std::vector<OpCases> convolution_cases() {
  OpCases forward{&ops::conv2d(), {}};
  OpCases by_data{&ops::conv2d_backward_data(), {}};
  OpCases by_weights{&ops::conv2d_backward_weights(), {}};
  for (const Sizes& s : table) {
    const Shape y = output_shape(s);
    const std::string what = std::string(s.what) + ", " + s.x.to_string() + " by " + s.weights.to_string();
    forward.cases.push_back({what, [=](CaseBuilder& b) {
                               const Tensor x = b.uniform(s.x);
                               b.output(conv2d(x, b.uniform(s.weights), s.geometry));
                             }});
    by_data.cases.push_back(
        {what, [=](CaseBuilder& b) {
           const Tensor dy = b.uniform(y);
           b.output(conv2d_backward_data(dy, b.uniform(s.weights), s.geometry, {s.x[2], s.x[3]}));
         }});
    by_weights.cases.push_back(
        {what, [=](CaseBuilder& b) {
           const Tensor x = b.uniform(s.x);
           b.output(conv2d_backward_weights(x, b.uniform(y), s.geometry, {s.weights[2], s.weights[3]}));
         }});
  }
  return {forward, by_data, by_weights};
}

}  // namespace generalizer::test
