#include "cases.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

struct Sizes {
  std::int64_t m;
  std::int64_t n;
  std::int64_t k;
};

OpCases matmul_cases() {
  OpCases result{&ops::matmul(), {}};
  for (const auto& [m, n, k] :
       {Sizes{1, 1, 1}, Sizes{1, 7, 5}, Sizes{5, 1, 3}, Sizes{7, 5, 1}, Sizes{32, 10, 128}, Sizes{17, 33, 65},
        Sizes{3, 128, 1000}, Sizes{31, 784, 17}}) {
    for (const bool ta : {false, true}) {
      for (const bool tb : {false, true}) {
        const Shape a = ta ? Shape{k, m} : Shape{m, k};
        const Shape b_shape = tb ? Shape{n, k} : Shape{k, n};
        result.cases.push_back({a.to_string() + (ta ? " transposed" : "") + " by " + b_shape.to_string() +
                                    (tb ? " transposed" : ""),
                                [=](CaseBuilder& b) {
                                  const Tensor left = b.uniform(a);
                                  b.output(matmul(left, b.uniform(b_shape), ta, tb));
                                }});
      }
    }
  }
  return result;
}

struct Reduction {
  Shape x;
  std::vector<std::int64_t> axes;
};

const std::vector<Reduction> reductions = {
    {{7}, {0}},
    {{}, {}},
    {{3, 5}, {}},
    {{3, 5}, {0}},
    {{3, 5}, {1}},
    {{2, 17, 3}, {0, 2}},
    {{2, 3, 4, 5}, {0, 2, 3}},
    {{2, 3, 4, 5}, {1}},
    {{2, 3, 4, 5}, {2, 3}},
    {{2, 3, 4, 5}, {3, 1}},
    {{1, 1, 1}, {1}},
    {{2, 3, 1, 5, 2}, {1, 4}},
    {{1, 1031}, {1}},
    {{32, 10}, {0, 1}},
};

using Reduce = std::function<Tensor(const Tensor&, std::vector<std::int64_t>, bool)>;

OpCases reduction_cases(const OpDefinition& op, const Reduce& reduce, bool exact) {
  OpCases result{&op, {}};
  for (const Reduction& r : reductions) {
    for (const bool keep : {false, true}) {
      std::string what = r.x.to_string() + (keep ? ", axes kept" : "") + ", over";
      for (const std::int64_t axis : r.axes) what += " " + std::to_string(axis);
      result.cases.push_back(
          {what, [=](CaseBuilder& b) { b.output(reduce(b.uniform(r.x, -0.5, 1.0), r.axes, keep)); }, exact});
    }
  }
  return result;
}

OpCases broadcast_cases() {
  OpCases result{&ops::broadcast_to(), {}};
  for (const auto& [from, to] :
       {std::pair{Shape{}, Shape{2, 3}}, std::pair{Shape{3}, Shape{2, 3}},
        std::pair{Shape{3, 1}, Shape{3, 4}}, std::pair{Shape{1, 5, 1, 1}, Shape{2, 5, 3, 4}},
        std::pair{Shape{2, 3}, Shape{2, 3}}, std::pair{Shape{2, 1, 3, 1}, Shape{4, 2, 5, 3, 2}}}) {
    result.cases.push_back(
        {from.to_string() + " to " + to.to_string(),
         [from = from, to = to](CaseBuilder& b) { b.output(broadcast_to(b.uniform(from), to)); }, true});
  }
  return result;
}

}  // namespace

std::vector<OpCases> matrix_and_reduction_cases() {
  return {matmul_cases(), reduction_cases(ops::reduce_sum(), reduce_sum, false),
          reduction_cases(ops::reduce_mean(), reduce_mean, false),
          reduction_cases(ops::reduce_max(), reduce_max, true), broadcast_cases()};
}

}  // namespace generalizer::test
