#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

struct Sizes {
  const char* what;
  Shape x;
  PoolingGeometry geometry = {};
};

const std::vector<Sizes> table = {
    {"2×2", {2, 3, 4, 6}},
    {"2×2 of 17 channels", {2, 17, 8, 8}},
    {"2×2 of 32 channels, batch 1", {1, 32, 14, 14}},
    {"a row and a column left over", {1, 2, 5, 7}},
    {"windows that overlap", {2, 3, 6, 5}, {{3, 3}, {1, 1}, {0, 0, 0, 0}}},
    {"windows that overlap, stride 2, padded", {2, 3, 7, 8}, {{3, 3}, {2, 2}, {1, 1, 1, 1}}},
    {"uneven in everything", {1, 2, 7, 6}, {{3, 2}, {2, 3}, {1, 2, 1, 0}}},
    {"the whole image", {3, 5, 4, 3}, {{4, 3}, {1, 1}, {0, 0, 0, 0}}},
    {"one pixel in padding", {1, 3, 1, 1}, {{2, 2}, {2, 2}, {1, 0, 0, 1}}},
    {"1×1 windows that leave pixels out", {1, 2, 5, 5}, {{1, 1}, {3, 2}, {0, 0, 0, 0}}},
};

Shape pooled_shape(const Sizes& s) {
  Program program("shape");
  return avg_pool2d(Tensor(program, program.add_input("x", {DType::f64, s.x})), s.geometry, false).shape();
}

}  // namespace

std::vector<OpCases> pooling_cases() {
  OpCases max{&ops::max_pool2d(), {}};
  OpCases max_backward{&ops::max_pool2d_backward(), {}};
  OpCases average{&ops::avg_pool2d(), {}};
  OpCases average_backward{&ops::avg_pool2d_backward(), {}};
  for (const Sizes& s : table) {
    const Shape y = pooled_shape(s);
    const std::string what = std::string(s.what) + ", " + s.x.to_string();
    // All below zero: zeros from padding would win.
    max.cases.push_back(
        {what, [=](CaseBuilder& b) { b.output(max_pool2d(b.uniform(s.x, -2.0, -1.0), s.geometry)[0]); },
         true});
    // The workspace is the backend's own, so the pool itself stands before its gradient.
    max_backward.cases.push_back(
        {what, [=](CaseBuilder& b) {
           const std::vector<Tensor> pooled = max_pool2d(b.uniform(s.x), s.geometry);
           b.output(max_pool2d_backward(b.uniform(y), pooled[1], s.geometry, {s.x[2], s.x[3]}));
         }});
    for (const bool count_padding : {false, true}) {
      const std::string how = what + (count_padding ? ", padding counts" : "");
      average.cases.push_back(
          {how, [=](CaseBuilder& b) { b.output(avg_pool2d(b.uniform(s.x), s.geometry, count_padding)); }});
      average_backward.cases.push_back(
          {how, [=](CaseBuilder& b) {
             b.output(avg_pool2d_backward(b.uniform(y), s.geometry, count_padding, {s.x[2], s.x[3]}));
           }});
    }
  }
  // What relu leaves is full of zeros: of equal elements the first gets the gradient.
  max_backward.cases.push_back(
      {"equal elements", [](CaseBuilder& b) {
         const std::vector<Tensor> pooled = max_pool2d(relu(b.uniform({2, 3, 6, 6}, -2.0, 1.0)), {});
         b.output(max_pool2d_backward(b.uniform({2, 3, 3, 3}), pooled[1], {}, {6, 6}));
         b.output(pooled[0]);
       }});
  return {max, max_backward, average, average_backward};
}

}  // namespace generalizer::test
