#include "cases.h"
#include "generalizer/random.h"
#include "program/ops/definitions.h"

namespace generalizer::test {
namespace {

/// A case that moves or makes numbers without rounding any.
Case exact(std::string what, std::function<void(CaseBuilder&)> build) {
  return {std::move(what), std::move(build), true};
}

OpCases reshape_cases() {
  OpCases result{&ops::reshape(), {}};
  for (const auto& [from, to] :
       {std::pair{Shape{2, 3, 4, 5}, Shape{2, 60}}, std::pair{Shape{2, 60}, Shape{2, 3, 4, 5}},
        std::pair{Shape{6}, Shape{2, 1, 3}}, std::pair{Shape{1, 1}, Shape{}}, std::pair{Shape{}, Shape{1}}}) {
    result.cases.push_back(
        exact(from.to_string() + " to " + to.to_string(),
              [from = from, to = to](CaseBuilder& b) { b.output(reshape(b.uniform(from), to)); }));
  }
  result.cases.push_back(exact("of whole numbers", [](CaseBuilder& b) {
    b.output(reshape(b.labels(6, 10), {2, 3}));
  }));
  return result;
}

OpCases transpose_cases() {
  OpCases result{&ops::transpose(), {}};
  const std::vector<std::pair<Shape, std::vector<std::int64_t>>> table = {{{3, 5}, {1, 0}},
                                                                          {{3, 5}, {0, 1}},
                                                                          {{2, 17, 3, 5}, {0, 2, 3, 1}},
                                                                          {{2, 3, 5, 17}, {0, 3, 1, 2}},
                                                                          {{2, 3, 4}, {2, 0, 1}},
                                                                          {{7}, {0}},
                                                                          {{2, 1, 3, 2, 2}, {4, 3, 2, 1, 0}},
                                                                          // more than one thread is given
                                                                          {{173, 231}, {1, 0}},
                                                                          {{7, 17, 337}, {1, 2, 0}},
                                                                          {{3, 17, 28, 29}, {0, 2, 3, 1}}};
  for (const auto& [x, permutation] : table) {
    result.cases.push_back(exact(x.to_string(), [x = x, permutation = permutation](CaseBuilder& b) {
      b.output(transpose(b.uniform(x), permutation));
    }));
  }
  return result;
}

OpCases concat_cases() {
  OpCases result{&ops::concat(), {}};
  const std::vector<std::pair<std::vector<Shape>, std::int64_t>> table = {{{{2, 3}, {2, 4}}, 1},
                                                                          {{{1, 3}, {2, 3}, {1, 3}}, 0},
                                                                          {{{2, 3, 4, 5}, {2, 17, 4, 5}}, 1},
                                                                          {{{2, 3, 1, 5}, {2, 3, 2, 5}}, 2},
                                                                          {{{2, 3, 4, 1}, {2, 3, 4, 2}}, 3},
                                                                          {{{40003}, {21001}}, 0},
                                                                          {{{173, 231}, {173, 127}}, 1},
                                                                          {{{5, 17, 463}, {5, 3, 463}}, 1},
                                                                          {{{4}}, 0}};
  for (const auto& [shapes, axis] : table) {
    result.cases.push_back(exact(std::to_string(shapes.size()) + " along axis " + std::to_string(axis),
                                 [shapes = shapes, axis = axis](CaseBuilder& b) {
                                   std::vector<Tensor> parts;
                                   for (const Shape& shape : shapes) parts.push_back(b.uniform(shape));
                                   b.output(concat(parts, axis));
                                 }));
  }
  result.cases.push_back(exact("one part twice", [](CaseBuilder& b) {
    const Tensor x = b.uniform({2, 3, 2, 2});
    b.output(concat(std::vector{x, x}, 1));
  }));
  return result;
}

OpCases slice_cases() {
  OpCases result{&ops::slice(), {}};
  struct Slice {
    Shape x;
    std::int64_t axis, begin, end;
  };
  for (const Slice& s :
       {Slice{{7}, 0, 2, 5}, Slice{{4, 5}, 0, 1, 2}, Slice{{4, 5}, 1, 0, 4}, Slice{{2, 17, 3, 3}, 1, 5, 16},
        Slice{{2, 3, 5, 4}, 2, 4, 5}, Slice{{2, 3, 5, 4}, 3, 0, 4}, Slice{{5, 3, 2, 2}, 0, 2, 5},
        Slice{{60007}, 0, 11, 40014}, Slice{{173, 301}, 1, 13, 244}, Slice{{5, 23, 463}, 1, 3, 20}}) {
    result.cases.push_back(
        exact(s.x.to_string() + " along axis " + std::to_string(s.axis),
              [s](CaseBuilder& b) { b.output(slice(b.uniform(s.x), s.axis, s.begin, s.end)); }));
  }
  return result;
}

OpCases pad_cases() {
  OpCases result{&ops::pad(), {}};
  struct Pad {
    Shape x;
    std::int64_t axis, before, after;
  };
  for (const Pad& p : {Pad{{3}, 0, 1, 2}, Pad{{2, 3}, 0, 0, 1}, Pad{{2, 3}, 1, 4, 0},
                       Pad{{2, 17, 3, 3}, 1, 5, 10}, Pad{{2, 3, 5, 4}, 2, 1, 1}, Pad{{2, 3, 5, 4}, 3, 0, 0},
                       Pad{{40003}, 0, 3, 5}, Pad{{173, 231}, 1, 1, 2}, Pad{{5, 17, 463}, 1, 2, 1}}) {
    result.cases.push_back(
        exact(p.x.to_string() + " along axis " + std::to_string(p.axis),
              [p](CaseBuilder& b) { b.output(pad(b.uniform(p.x), p.axis, p.before, p.after)); }));
  }
  return result;
}

OpCases fill_cases() {
  OpCases result{&ops::fill(), {}};
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{2, 17, 3, 3}}) {
    result.cases.push_back(exact(shape.to_string(), [=](CaseBuilder& b) {
      b.output(fill(b.program(), {b.floating(), shape}, -0.375));
    }));
  }
  result.cases.push_back(exact("whole numbers", [](CaseBuilder& b) {
    b.output(fill(b.program(), {DType::i32, {3}}, -2.0));
    b.output(fill(b.program(), {DType::i64, {}}, 5.0));
  }));
  return result;
}

OpCases cast_cases() {
  OpCases result{&ops::cast(), {}};
  result.cases.push_back(exact("F to i32 cuts towards zero", [](CaseBuilder& b) {
    b.output(cast(b.numbers({7}, {0.0, 1.0, 1.5, 1.9375, -1.5, -1.9375, 1000.25}), DType::i32));
  }));
  result.cases.push_back(exact("F to i32 stops at the type's ends, and no number is 0", [](CaseBuilder& b) {
    const Tensor x = b.numbers({5}, {1e10, -1e10, 4096.0, 0.0, -0.0});
    b.output(cast(x, DType::i32));
    b.output(cast(log(affine(x, 0.0, -1.0)), DType::i32));  // NaN
  }));
  // A backend that computes in f32 holds no tensors in f64, but sums over an epoch.
  result.cases.push_back(exact("a scalar to f64 and back", [](CaseBuilder& b) {
    const Tensor x = b.uniform({});
    b.output(cast(cast(x, DType::f64), b.floating()));
    b.output(cast(x, DType::f64));
  }));
  result.cases.push_back(exact("F to itself", [](CaseBuilder& b) {
    b.output(cast(b.uniform({2, 3, 4, 5}), b.floating()));
  }));
  result.cases.push_back(exact("bytes to F", [](CaseBuilder& b) {
    b.output(cast(b.numbers(DType::u8, {2, 3}, {0, 1, 127, 128, 254, 255}), b.floating()));
  }));
  result.cases.push_back(exact("whole numbers to F and to each other", [](CaseBuilder& b) {
    const Tensor x = b.numbers(DType::i32, {5}, {0, -1, 7, 1000000, -65536});
    b.output(cast(x, b.floating()));
    b.output(cast(x, DType::i64));
    b.output(cast(b.numbers(DType::i64, {2}, {-3, 4000000}), b.floating()));
    b.output(cast(b.numbers(DType::i64, {2}, {-3, 4000000}), DType::i32));
  }));
  return result;
}

OpCases random_uniform_cases() {
  OpCases result{&ops::random_uniform(), {}};
  for (const Shape& shape : {Shape{}, Shape{1}, Shape{7}, Shape{2, 17, 3, 3}, Shape{1031}, Shape{40003}}) {
    result.cases.push_back(exact(shape.to_string(), [=](CaseBuilder& b) {
      b.output(
          random_uniform(b.numbers(DType::i64, {}, {3}), {b.floating(), shape}, 5, stream_of("dropout1")));
    }));
  }
  result.cases.push_back(exact("seed, stream and step of more than 32 bits", [](CaseBuilder& b) {
    const Tensor step = b.numbers(DType::i64, {}, {5000000000.0});
    b.output(random_uniform(step, {b.floating(), {9}}, 0xFEDCBA9876543210ULL, 0x8123456789ABCDEFULL));
  }));
  return result;
}

OpCases random_normal_cases() {
  OpCases result{&ops::random_normal(), {}};
  for (const Shape& shape : {Shape{}, Shape{7}, Shape{2, 17, 3, 3}, Shape{40003}}) {
    result.cases.push_back({shape.to_string(), [=](CaseBuilder& b) {
      b.output(random_normal(b.numbers(DType::i64, {}, {3}), {b.floating(), shape}, 5, stream_of("noise1")));
    }});
  }
  return result;
}

}  // namespace

std::vector<OpCases> movement_cases() {
  return {reshape_cases(), transpose_cases(), concat_cases(), slice_cases(),
          pad_cases(),     fill_cases(),      cast_cases(),   random_uniform_cases(), random_normal_cases()};
}

}  // namespace generalizer::test
