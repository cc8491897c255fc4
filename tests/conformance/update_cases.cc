#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

const std::vector<Shape> shapes = {Shape{},     Shape{7},    Shape{3, 5}, Shape{4, 17, 3, 3},
                                   Shape{1031}, Shape{40003}};  // more than one thread is given

/// The case over every shape, with the gate open and shut.
OpCases over_shapes(const OpDefinition& op,
                    const std::function<void(CaseBuilder&, const Shape&, const Tensor& gate)>& build) {
  OpCases result{&op, {}};
  for (const Shape& shape : shapes) {
    result.cases.push_back(
        {shape.to_string(), [=](CaseBuilder& b) { build(b, shape, b.numbers({}, {1.0})); }});
    result.cases.push_back({shape.to_string() + ", the gate shut",
                            [=](CaseBuilder& b) { build(b, shape, b.numbers({}, {0.0})); }, true});
  }
  return result;
}

void sgd(CaseBuilder& b, const Shape& shape, const Tensor& gate) {
  const Tensor weight = b.uniform(shape);
  const Tensor gradient = b.uniform(shape);
  b.output(sgd_update(weight, gradient, b.numbers({}, {0.1}), gate));
}

void momentum(CaseBuilder& b, const Shape& shape, const Tensor& gate, bool nesterov) {
  const Tensor weight = b.uniform(shape);
  const Tensor gradient = b.uniform(shape);
  const Tensor velocity = b.uniform(shape);
  for (const Tensor& made :
       momentum_update(weight, gradient, velocity, b.numbers({}, {0.1}), gate, 0.9, nesterov))
    b.output(made);
}

void adam(CaseBuilder& b, const Shape& shape, const Tensor& gate) {
  const Tensor weight = b.uniform(shape);
  const Tensor gradient = b.uniform(shape);
  const Tensor m = b.uniform(shape);
  const Tensor v = b.uniform(shape, 0.0, 1.0);
  const Tensor step = b.numbers(DType::i64, {}, {3});
  const Tensor rate = b.numbers({}, {0.001});
  for (const Tensor& made : adam_update(weight, gradient, m, v, step, rate, gate, 0.9, 0.999, 1e-7))
    b.output(made);
}

OpCases increment_cases() {
  OpCases result{&ops::increment(),
                 {{"the gate is f64",
                   [](CaseBuilder& b) {
                     const Tensor counter = b.numbers(DType::i64, {}, {7});
                     b.output(increment(counter, b.numbers(DType::f64, {}, {1.0})));
                   },
                   true}}};
  for (const double gate : {0.0, 1.0}) {
    result.cases.push_back({"the gate is " + std::to_string(gate),
                            [=](CaseBuilder& b) {
                              const Tensor counter = b.numbers(DType::i64, {}, {5000000000.0});
                              b.output(increment(counter, b.numbers({}, {gate})));
                            },
                            true});
  }
  return result;
}

void choose(CaseBuilder& b, const Shape& shape, const Tensor& gate) {
  const Tensor chosen = b.uniform(shape);
  b.output(select(gate, chosen, b.uniform(shape)));
}

/// Yes and no in turn, but for the first: 1, 1, 0, 1, 0, …
Tensor gate_of(CaseBuilder& b, const Shape& shape) {
  std::vector<double> numbers;
  for (std::int64_t i = 0; i < shape.elements(); ++i)
    numbers.push_back(i == 0 ? 1.0 : static_cast<double>(i % 2));
  return b.numbers(shape, numbers);
}

OpCases select_elements() {
  OpCases result{&ops::select(), {}};
  for (const Shape& shape : shapes) {
    result.cases.push_back({"each element of " + shape.to_string(),
                            [=](CaseBuilder& b) { choose(b, shape, gate_of(b, shape)); }, true});
  }
  result.cases.push_back({"elements of what a convolution made", [](CaseBuilder& b) {
                            const Tensor y = conv2d(b.uniform({2, 3, 6, 5}), b.uniform({17, 3, 3, 3}));
                            const Tensor other = b.uniform(y.shape());
                            const Tensor gate = gate_of(b, y.shape());
                            b.output(select(gate, y, other));
                            b.output(select(gate, other, square(y)));
                          }});
  return result;
}

OpCases select_other_types() {
  return {&ops::select(),
          {{"by a gate of f64",
            [](CaseBuilder& b) {
              const Tensor gate = b.numbers(DType::f64, {}, {1.0});
              const Tensor chosen = b.uniform({7});
              b.output(select(gate, chosen, b.uniform({7})));
            },
            true},
           {"each of whole numbers",
            [](CaseBuilder& b) {
              const Tensor gate = b.numbers({2, 2}, {0.0, 1.0, 1.0, 0.0});
              const Tensor chosen = b.numbers(DType::i32, {2, 2}, {1, 2, 3, 4});
              b.output(select(gate, chosen, b.numbers(DType::i32, {2, 2}, {5, 6, 7, 8})));
            },
            true},
           {"of counters",
            [](CaseBuilder& b) {
              const Tensor gate = b.numbers({}, {1.0});
              const Tensor chosen = b.numbers(DType::i64, {}, {7});
              b.output(select(gate, chosen, b.numbers(DType::i64, {}, {8})));
            },
            true}}};
}

OpCases accumulate_cases() {
  return {&ops::accumulate(),
          {{"a weighted loss onto a large sum",
            [](CaseBuilder& b) {
              const Tensor sum = b.numbers(DType::f64, {}, {123456.789});
              b.output(accumulate(sum, b.numbers({}, {0.8125}), 32.0));
            },
            true}}};
}

}  // namespace

std::vector<OpCases> update_cases() {
  return {over_shapes(ops::sgd_update(), sgd),
          over_shapes(ops::momentum_update(),
                      [](auto& b, auto& shape, auto& gate) { momentum(b, shape, gate, false); }),
          over_shapes(ops::momentum_update(),
                      [](auto& b, auto& shape, auto& gate) { momentum(b, shape, gate, true); }),
          over_shapes(ops::adam_update(), adam),
          increment_cases(),
          over_shapes(ops::select(), choose),
          select_elements(),
          select_other_types(),
          accumulate_cases()};
}

}  // namespace generalizer::test
