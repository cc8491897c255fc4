#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

/// More than a handful of elements a channel: normalising one or two of them leaves nothing but rounding.
const std::vector<Shape> shapes = {Shape{8, 3},          Shape{33, 17},        Shape{2, 3, 5, 4},
                                   Shape{1, 17, 3, 3},   Shape{2, 1, 5, 5},    Shape{3, 32, 7, 7},
                                   Shape{2, 4, 3},       Shape{2, 3, 2, 3, 2}, Shape{1603, 25},
                                   Shape{7, 17, 14, 24}, Shape{3, 32, 20, 21}};

OpCases bias_add_cases() {
  OpCases result{&ops::bias_add(), {}};
  for (const Shape& x : shapes) {
    result.cases.push_back({x.to_string(), [=](CaseBuilder& b) {
                              const Tensor operand = b.uniform(x);
                              b.output(bias_add(operand, b.uniform({x[1]})));
                            }});
  }
  return result;
}

OpCases channel_sum_cases() {
  OpCases result{&ops::channel_sum(), {}};
  for (const Shape& x : shapes) {
    result.cases.push_back({x.to_string(), [=](CaseBuilder& b) { b.output(channel_sum(b.uniform(x))); }});
  }
  result.cases.push_back({"of a sample", [](CaseBuilder& b) { b.output(channel_sum(b.uniform({1, 5}))); }});
  return result;
}

OpCases batch_norm_cases(double centre) {
  OpCases result{&ops::batch_norm(), {}};
  for (const Shape& x : shapes) {
    result.cases.push_back({x.to_string() + " around " + std::to_string(centre), [=](CaseBuilder& b) {
                              const Tensor operand = b.uniform(x, centre - 1.0, centre + 1.0);
                              const Tensor scale = b.uniform({x[1]}, 0.5, 1.5);
                              for (const Tensor& made : batch_norm(operand, scale, b.uniform({x[1]}), 1e-3))
                                b.output(made);
                            }});
  }
  return result;
}

OpCases batch_norm_backward_cases() {
  OpCases result{&ops::batch_norm_backward(), {}};
  for (const Shape& x : shapes) {
    result.cases.push_back(
        {x.to_string(), [=](CaseBuilder& b) {
           const Tensor operand = b.uniform(x, 0.0, 2.0);
           const Tensor scale = b.uniform({x[1]}, 0.5, 1.5);
           const std::vector<Tensor> normal = batch_norm(operand, scale, b.uniform({x[1]}), 1e-3);
           const Tensor dy = b.uniform(x);
           for (const Tensor& made : batch_norm_backward(dy, operand, normal[1], normal[2], scale, 1e-3))
             b.output(made);
         }});
  }
  return result;
}

OpCases batch_norm_inference_cases() {
  OpCases result{&ops::batch_norm_inference(), {}};
  for (const Shape& x : shapes) {
    result.cases.push_back(
        {x.to_string(), [=](CaseBuilder& b) {
           const Tensor operand = b.uniform(x);
           const Tensor scale = b.uniform({x[1]}, 0.5, 1.5);
           const Tensor shift = b.uniform({x[1]});
           const Tensor mean = b.uniform({x[1]});
           b.output(batch_norm_inference(operand, scale, shift, mean, b.uniform({x[1]}, 0.25, 2.0), 1e-5));
         }});
  }
  return result;
}

}  // namespace

std::vector<OpCases> channel_cases() {
  return {bias_add_cases(),      channel_sum_cases(),         batch_norm_cases(0.0),
          batch_norm_cases(3.0), batch_norm_backward_cases(), batch_norm_inference_cases()};
}

}  // namespace generalizer::test
