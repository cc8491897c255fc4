#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

struct Axis {
  Shape x;
  std::int64_t axis;
};

const std::vector<Axis> softmaxes = {{{3, 5}, 1},        {{1, 10}, 1},   {{4, 1}, 1},   {{3, 5}, 0},
                                     {{2, 17, 3, 2}, 1}, {{2, 3, 7}, 2}, {{33, 100}, 1}};

std::vector<OpCases> softmax_cases() {
  OpCases forward{&ops::softmax(), {}};
  OpCases backward{&ops::softmax_backward(), {}};
  for (const auto& [x, axis] : softmaxes) {
    const std::string what = x.to_string() + " along axis " + std::to_string(axis);
    for (const double spread : {3.0, 300.0}) {  // the second: a plain exponential overflows
      forward.cases.push_back(
          {what + " in ±" + std::to_string(spread), [=, x = x, axis = axis](CaseBuilder& b) {
             b.output(softmax(b.uniform(x, -spread, spread), axis));
           }});
    }
    if (x[static_cast<std::size_t>(axis)] == 1) continue;  // the gradient is zero but for rounding
    backward.cases.push_back({what, [=, x = x, axis = axis](CaseBuilder& b) {
                                const Tensor y = softmax(b.uniform(x, -2.0, 2.0), axis);
                                b.output(softmax_backward(b.uniform(x), y, axis));
                              }});
  }
  return {forward, backward};
}

std::vector<OpCases> cross_entropy_cases() {
  OpCases forward{&ops::softmax_cross_entropy(), {}};
  OpCases backward{&ops::softmax_cross_entropy_backward(), {}};
  for (const Shape& x : {Shape{1, 2}, Shape{5, 10}, Shape{32, 10}, Shape{3, 101}}) {
    for (const double spread : {3.0, 300.0}) {
      const std::string what = x.to_string() + " in ±" + std::to_string(spread);
      forward.cases.push_back({what, [=](CaseBuilder& b) {
                                 const Tensor logits = b.uniform(x, -spread, spread);
                                 for (const Tensor& made :
                                      softmax_cross_entropy(logits, b.labels(x[0], x[1])))
                                   b.output(made);
                               }});
      backward.cases.push_back(
          {what, [=](CaseBuilder& b) {
             const Tensor logits = b.uniform(x, -spread, spread);
             const Tensor labels = b.labels(x[0], x[1]);
             const Tensor probabilities = softmax_cross_entropy(logits, labels)[1];
             b.output(softmax_cross_entropy_backward(b.numbers({}, {-1.5}), probabilities, labels));
           }});
    }
  }
  return {forward, backward};
}

std::vector<OpCases> mean_squared_error_cases() {
  OpCases forward{&ops::mean_squared_error(), {}};
  OpCases backward{&ops::mean_squared_error_backward(), {}};
  for (const Shape& x : {Shape{}, Shape{1, 1}, Shape{3, 5}, Shape{32, 1, 28, 28}, Shape{2, 17, 3, 3}}) {
    forward.cases.push_back({x.to_string(), [=](CaseBuilder& b) {
                               const Tensor prediction = b.uniform(x);
                               b.output(mean_squared_error(prediction, b.uniform(x)));
                             }});
    backward.cases.push_back({x.to_string(), [=](CaseBuilder& b) {
                                const Tensor dloss = b.numbers({}, {-2.0});
                                const Tensor prediction = b.uniform(x);
                                b.output(mean_squared_error_backward(dloss, prediction, b.uniform(x)));
                              }});
  }
  return {forward, backward};
}

OpCases count_correct_cases() {
  OpCases result{&ops::count_correct(), {}};
  for (const Shape& x : {Shape{1, 2}, Shape{33, 10}, Shape{128, 3}}) {
    result.cases.push_back({x.to_string(),
                            [=](CaseBuilder& b) {
                              const Tensor logits = b.uniform(x);
                              b.output(count_correct(logits, b.labels(x[0], x[1])));
                            },
                            true});
  }
  result.cases.push_back(
      {"of equal logits the first counts",
       [](CaseBuilder& b) {
         const Tensor logits = b.numbers({3, 3}, {1, 1, 0, 2, 2, 2, 0, 1, 1});
         b.output(count_correct(logits, b.numbers(DType::i32, {3}, {0, 1, 1})));  // yes, no, yes
       },
       true});
  return result;
}

}  // namespace

std::vector<OpCases> softmax_and_loss_cases() {
  std::vector<OpCases> all;
  for (const auto& family :
       {softmax_cases(), cross_entropy_cases(), mean_squared_error_cases(), {count_correct_cases()}}) {
    all.insert(all.end(), family.begin(), family.end());
  }
  return all;
}

}  // namespace generalizer::test
