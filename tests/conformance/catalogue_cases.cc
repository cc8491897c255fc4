#include "cases.h"
#include "program/ops/definitions.h"

// The ops that sequences, normalisation by samples, resampling, tables and noise are made of.
namespace generalizer::test {
namespace {

OpCases scale_gradient_cases() {
  return {&ops::scale_gradient(), {{"reversed", [](CaseBuilder& b) {
                                      const Tensor x = b.uniform({3, 5});
                                      const Tensor y = scale_gradient(square(x), -0.5);
                                      b.output(y);
                                      b.output_gradients(b.loss(y * y), {x});
                                    }}}};
}

OpCases erf_cases() {
  OpCases result{&ops::erf(), {}};
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{2, 17, 5, 3}, Shape{40003}}) {
    result.cases.push_back({shape.to_string(), [=](CaseBuilder& b) {
                              const Tensor x = b.uniform(shape, -4.0, 4.0);
                              const Tensor y = erf(x);
                              b.output(y);
                              b.output_gradients(b.loss(y), {x});
                            }});
  }
  return result;
}

OpCases constant_values_cases() {
  return {
      &ops::constant_values(),
      {{"2×3",
        [](CaseBuilder& b) {
          b.output(constant_values(b.program(), {b.floating(), {2, 3}}, {1.0, -2.0, 0.5, 0.0, 7.0, -0.25}));
        },
        true},
       {"integers",
        [](CaseBuilder& b) {
          b.output(constant_values(b.program(), {DType::i32, {3}}, {4.0, -5.0, 6.0}));
        },
        true}}};
}

// Work for more than one thread begins at some ten thousand elements.
OpCases one_hot_cases() {
  return {&ops::one_hot(),
          {{"some outside",
            [](CaseBuilder& b) {
              const Tensor at = b.numbers(DType::i32, {2, 3}, {0, 4, -1, 2, 5, 1});
              b.output(one_hot(at, 5, b.floating()));
            },
            true},
           {"one number",
            [](CaseBuilder& b) { b.output(one_hot(b.numbers(DType::i32, {}, {2}), 3, b.floating())); }, true},
           {"for several threads",
            [](CaseBuilder& b) { b.output(one_hot(b.labels(417, 101), 97, b.floating())); }, true}}};
}

OpCases gather_rows_cases() {
  OpCases result{&ops::gather_rows(), {}};
  result.cases.push_back({"some outside, one twice", [](CaseBuilder& b) {
                            const Tensor table = b.uniform({5, 7});
                            const Tensor at = b.numbers(DType::i32, {2, 3}, {0, 4, -1, 4, 5, 1});
                            const Tensor y = gather_rows(table, at);
                            b.output(y);
                            b.output_gradients(b.loss(y), {table});
                          }});
  result.cases.push_back({"for several threads",
                          [](CaseBuilder& b) {
                            b.output(gather_rows(b.uniform({211, 37}), b.labels(1031, 230)));
                          },
                          true});
  return result;
}

OpCases scatter_add_rows_cases() {
  OpCases result{&ops::scatter_add_rows(), {}};
  result.cases.push_back({"some outside, one twice", [](CaseBuilder& b) {
                            const Tensor rows = b.uniform({4, 9});
                            const Tensor at = b.numbers(DType::i32, {4}, {2, -1, 2, 0});
                            const Tensor y = scatter_add_rows(rows, at, 6);
                            b.output(y);
                            b.output_gradients(b.loss(y), {rows});
                          }});
  for (const std::int64_t columns : {1, 15, 17, 100}) {
    result.cases.push_back({"for several threads, columns: " + std::to_string(columns), [=](CaseBuilder& b) {
                              const Shape shape{40003 / columns, columns};
                              b.output(scatter_add_rows(b.uniform(shape), b.labels(shape[0], 75), 71));
                            }});
  }
  return result;
}

OpCases batched_matmul_cases() {
  OpCases result{&ops::matmul(), {}};
  for (const int turned : {0, 1, 2, 3}) {
    result.cases.push_back({"2×3 products, turned " + std::to_string(turned), [=](CaseBuilder& b) {
                              const bool ta = (turned & 1) != 0;
                              const bool tb = (turned & 2) != 0;
                              const Tensor x = b.uniform(ta ? Shape{2, 3, 7, 5} : Shape{2, 3, 5, 7});
                              const Tensor w = b.uniform(tb ? Shape{2, 3, 4, 7} : Shape{2, 3, 7, 4});
                              const Tensor y = matmul(x, w, ta, tb);
                              b.output(y);
                              b.output_gradients(b.loss(y), {x, w});
                            }});
  }
  return result;
}

OpCases normalize_rows_cases() {
  OpCases result{&ops::normalize_rows(), {}};
  for (const Shape& shape : {Shape{1, 1}, Shape{5, 3}, Shape{17, 64}, Shape{2, 5003}, Shape{311, 129}}) {
    result.cases.push_back({shape.to_string(), [=](CaseBuilder& b) {
                              for (const Tensor& out : normalize_rows(b.uniform(shape), 1e-2)) b.output(out);
                            }});
  }
  return result;
}

OpCases normalize_rows_backward_cases() {
  OpCases result{&ops::normalize_rows_backward(), {}};
  for (const Shape& shape : {Shape{5, 3}, Shape{17, 64}, Shape{2, 5003}, Shape{311, 129}}) {
    result.cases.push_back({shape.to_string(), [=](CaseBuilder& b) {
                              const Tensor x = b.uniform(shape);
                              b.output_gradients(b.loss(normalize_rows(x, 1e-2)[0]), {x});
                            }});
  }
  return result;
}

OpCases resize_cases(const OpDefinition& op, bool backward) {
  OpCases result{&op, {}};
  for (const std::string mode : {"nearest", "bilinear"}) {
    for (const auto& [from, to] :
         {std::pair{Shape{2, 3, 5, 4}, Shape{2, 3, 10, 8}},
          std::pair{Shape{1, 17, 7, 9}, Shape{1, 17, 4, 13}}, std::pair{Shape{2, 1, 1, 1}, Shape{2, 1, 3, 2}},
          std::pair{Shape{1, 2, 57, 65}, Shape{1, 2, 101, 97}},
          std::pair{Shape{3, 5, 40, 33}, Shape{3, 5, 7, 66}}}) {
      result.cases.push_back({mode + " " + from.to_string() + " to " + to.to_string(),
                              [=, from = from, to = to](CaseBuilder& b) {
                                if (backward) {
                                  b.output(resize2d_backward(b.uniform(to), {from[2], from[3]}, mode));
                                } else {
                                  b.output(resize2d(b.uniform(from), {to[2], to[3]}, mode));
                                }
                              }});
    }
  }
  return result;
}

OpCases rmsprop_update_cases() {
  OpCases result{&ops::rmsprop_update(), {}};
  for (const auto& [gate, shape] : {std::pair{1.0, Shape{37, 11}}, std::pair{0.0, Shape{37, 11}},
                                    std::pair{1.0, Shape{}}, std::pair{1.0, Shape{40003}}}) {
    result.cases.push_back({(gate == 1.0 ? "open " : "closed ") + shape.to_string(),
                            [gate = gate, shape = shape](CaseBuilder& b) {
                              for (const Tensor& out : rmsprop_update(
                                       b.variable("w" + shape.to_string(), shape), b.uniform(shape),
                                       b.variable("s" + shape.to_string(), shape, 0.1, 1.0),
                                       b.numbers({}, {0.01}), b.numbers({}, {gate}), 0.9, 1e-3)) {
                                b.output(out);
                              }
                            }});
  }
  return result;
}

OpCases decoupled_decay_cases() {
  return {&ops::adam_update(),
          {{"decoupled weight decay", [](CaseBuilder& b) {
              const Shape shape{37, 11};
              for (const Tensor& out :
                   adam_update(b.variable("w", shape), b.uniform(shape), b.variable("m", shape),
                               b.variable("v", shape, 0.1, 1.0), b.numbers(DType::i64, {}, {3}),
                               b.numbers({}, {0.01}), b.numbers({}, {1.0}), 0.9, 0.99, 1e-6, 0.1)) {
                b.output(out);
              }
            }}}};
}

}  // namespace

std::vector<OpCases> catalogue_cases() {
  return {scale_gradient_cases(),
          erf_cases(),
          constant_values_cases(),
          one_hot_cases(),
          gather_rows_cases(),
          scatter_add_rows_cases(),
          batched_matmul_cases(),
          normalize_rows_cases(),
          normalize_rows_backward_cases(),
          resize_cases(ops::resize2d(), false),
          resize_cases(ops::resize2d_backward(), true),
          rmsprop_update_cases(),
          decoupled_decay_cases()};
}

}  // namespace generalizer::test
