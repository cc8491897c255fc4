// Kernels made of several ops: what they come to, that they compute what the ops do, and that nothing is read after it has been written over.
#include "fused.h"

using namespace generalizer;
using namespace generalizer::test;
using namespace generalizer::cuda;

namespace {

std::size_t kernels(const FusedCase& c) { return steps_of<KernelStep>(plan_of(c.program)); }
std::size_t copies(const FusedCase& c) { return steps_of<CopyStep>(plan_of(c.program)); }

}  // namespace

TEST_CASE("a chain of elementwise ops is one kernel, and what is between takes no memory") {
  FusedCase c;
  const Tensor x = c.input("x", {3, 4, 5});
  const Tensor scaled = tanh(bias_add(x, c.variable("bias", {4}))) * c.input("row", {5});
  const Tensor gate = greater_equal(scaled, 0.1);
  const Tensor chosen = select(gate, scaled * 3.0 + 0.5, fill(c.program, scaled.type(), -2.0));
  c.output(reshape(cast(cast(chosen, DType::f32), DType::f64), {3, 20}));
  const Plan plan = plan_of(c.program);
  CHECK(steps_of<KernelStep>(plan) == 1);
  CHECK(plan.kernels.size() == 1);
  CHECK(plan.arena.size == 512);  // the output's 480 bytes alone
  CHECK(std::get<KernelStep>(plan.steps[0]).arguments.size() == 4);
  check_fused(c, 1e-12);
}

TEST_CASE("elements one by one and four at a time give the bytes of the ops alone, in f32") {
  const Shape shape = GENERATE(Shape{7, 9}, Shape{512, 512});
  FusedCase c(DType::f32);
  const Tensor x = c.input("x", shape), y = c.input("y", shape);
  c.output(relu(x * y + 0.25));
  REQUIRE(kernels(c) == 1);
  const Arrays together = run_fused(c.program, c.given);

  // Op by op, each in a program of its own.
  Array values = c.given.at("x");
  const auto alone = [&](auto&& op) {
    FusedCase one(DType::f32);
    const Tensor a = one.input("a", values), b = one.input("b", c.given.at("y"));
    one.output(op(a, b));
    values = run_fused(one.program, one.given).at("output 0");
  };
  alone([](const Tensor& a, const Tensor& b) { return a * b; });
  alone([](const Tensor& a, const Tensor&) { return a + 0.25; });
  alone([](const Tensor& a, const Tensor&) { return relu(a); });
  CHECK(together.at("output 0") == values);
}

TEST_CASE("what others need of a chain is written beside its end") {
  FusedCase c;
  const Tensor x = c.input("x", {6, 8}), w = c.variable("w", {8, 8});
  const Tensor y = tanh(x * 2.0), z = exp(y);
  c.output(matmul(y, w));
  c.output(z + y);
  c.output(z);
  const Plan plan = plan_of(c.program);
  CHECK(steps_of<KernelStep>(plan) == 1);
  CHECK(std::get<KernelStep>(plan.steps[0]).arguments.size() == 4);
  check_fused(c, 1e-12);
}

TEST_CASE("ops that wait for a product of an earlier one are not put before it") {
  FusedCase c;
  const Tensor x = c.input("x", {8, 8}), w = c.variable("w", {8, 8});
  const Tensor y = tanh(x);
  c.output(y * matmul(y, w));  // a loop through the product
  CHECK(kernels(c) == 2);
  check_fused(c, 1e-12);
}

TEST_CASE("sums of every geometry agree, short and long, of rows, columns, channels and everything") {
  FusedCase c;
  const Shape shape = GENERATE(Shape{3, 5}, Shape{300, 70}, Shape{2, 4100}, Shape{4, 3, 32, 33}, Shape{1, 1}, Shape{70, 1});
  INFO(shape.to_string());
  const Tensor x = c.input("x", shape);
  const Tensor y = x * 1.5 + 0.25;
  for (std::size_t axis = 0; axis < shape.rank(); ++axis) {
    c.output(reduce_sum(y, {static_cast<std::int64_t>(axis)}));
    c.output(reduce_max(y, {static_cast<std::int64_t>(axis)}, true));
  }
  c.output(reduce_mean(y, {}));
  c.output(channel_sum(y));
  c.output(mean_squared_error(y, square(x)) * 2.0);
  c.output(softmax(y));
  check_fused(c, 1e-12);
}

TEST_CASE("a long channel is normalised from sums in parts, and its gradient likewise") {
  FusedCase c;
  const Tensor x = c.input("x", {4, 3, 32, 33}), scale = c.variable("scale", {3}, 0.5, 1.5), shift = c.variable("shift", {3});
  const std::vector<Tensor> normal = batch_norm(tanh(x) + 0.5, scale, shift, 1e-3);
  c.output(relu(normal[0]));
  c.output(normal[1]);
  c.output(normal[2]);
  const Tensor dy = c.input("dy", {4, 3, 32, 33});
  for (const Tensor& gradient : batch_norm_backward(relu_backward(dy, normal[0]), tanh(x) + 0.5, normal[1], normal[2], scale, 1e-3)) c.output(gradient);
  CHECK(kernels(c) <= 4);  // sums, the rest; of each
  check_fused(c, 1e-10);
}

TEST_CASE("ops on rows join what comes before and after them") {
  FusedCase c;
  const Tensor x = c.input("x", {9, 21});
  const Tensor labels = c.input("labels", i32({9}, {0, 20, 3, 4, 5, 6, 7, 8, 9}));
  const Tensor logits = bias_add(x, c.variable("bias", {21}));
  const std::vector<Tensor> loss = softmax_cross_entropy(logits, labels);
  c.output(loss[0] * 2.0);
  c.output(softmax_cross_entropy_backward(fill(c.program, {DType::f64, {}}, 1.0), loss[1], labels));
  c.output(count_correct(logits, labels));
  CHECK(kernels(c) == 2);  // the rows, and the sums over them
  check_fused(c, 1e-12);

  FusedCase rows;
  const Tensor y = rows.input("y", {5, 300});
  const Tensor normal = normalize_rows(y * 2.0, 1e-5)[0];
  rows.output(tanh(normal * rows.variable("gain", {300})));
  CHECK(kernels(rows) == 1);
  check_fused(rows, 1e-12);
}

TEST_CASE("a variable is updated in its own memory where each element is read by who writes it") {
  FusedCase c;
  const Tensor w = c.variable("w", {4, 4});
  c.assign(w, tanh(w) * w + 0.5);
  c.output(reduce_sum(square(w), {}));  // of the old value
  CHECK(copies(c) == 0);
  check_fused(c, 1e-12);
}

TEST_CASE("a variable that is read elsewhere than where it is written is copied at the end") {
  const std::string how = GENERATE("transposed", "turned round", "by its rows' sums", "through a table", "by one number");
  INFO(how);
  FusedCase c;
  const Tensor w = c.variable("w", {4, 4});
  if (how == "transposed") c.assign(w, generalizer::apply(*find_builtin_op("transpose"), std::array{w}, {{"permutation", std::vector<std::int64_t>{1, 0}}}) + 1.0);
  if (how == "turned round") c.assign(w, concat(std::array{slice(w, 0, 1, 4), slice(w, 0, 0, 1)}, 0));
  if (how == "by its rows' sums") c.assign(w, w - reduce_sum(w, {1}, true));
  if (how == "through a table") c.assign(w, gather_rows(w, c.input("rows", i32({4}, {3, 2, 1, 0}))) * 2.0);
  if (how == "by one number") c.assign(w, w + reduce_max(slice(slice(w, 0, 0, 1), 1, 0, 1), {}));
  check_fused(c, 1e-12);
}

TEST_CASE("variables that take each other's values in one kernel") {
  FusedCase c;
  const Tensor a = c.variable("a", {5}), b = c.variable("b", {5}), n = c.variable("n", Shape{}), m = c.variable("m", Shape{});
  c.assign(a, b * 1.0);
  c.assign(b, a * 1.0);
  c.assign(n, m + 1.0);
  c.assign(m, n - m);
  check_fused(c, 1e-12);
}

TEST_CASE("a value read twice, a view of an updated variable, and an output that is both") {
  FusedCase c;
  const Tensor w = c.variable("w", {6}), x = c.input("x", {2, 3});
  const Tensor next = reshape(w, {2, 3}) + x * x + x;
  c.assign(w, reshape(next, {6}));
  c.output(next);
  c.output(reshape(w, {3, 2}));  // the old value
  check_fused(c, 1e-12);
}

TEST_CASE("numbers of all types go through one kernel: steps, gates, metrics, labels") {
  FusedCase c;
  const Tensor step = c.variable("step", i64({}, {41.0})), metric = c.variable("metric", f64({}, {2.5})), images = c.variable("images", f64({}, {8.0}));
  const Tensor loss = c.input("loss", Shape{}), health = c.variable("health", f64({}, {1.0}));
  const Tensor gate = generalizer::apply(*find_builtin_op("is_finite"), std::array{loss}) * health;
  c.assign(step, increment(step, gate));
  c.assign(metric, select(gate, accumulate(metric, loss, 32.0), metric));
  c.assign(images, select(gate, accumulate(images, fill(c.program, {DType::f64, {}}, 1.0), 32.0), images));
  c.assign(health, gate);
  const Tensor bytes = c.input("bytes", u8({4}, {0, 1, 127, 255}));
  c.output(cast(cast(bytes, DType::f64) * 300.0, DType::i32));
  c.output(cast(cast(bytes, DType::i64), DType::f32));
  CHECK(kernels(c) == 1);
  CHECK(copies(c) == 0);
  check_fused(c, 1e-12);
}

TEST_CASE("random numbers in a fused kernel are those of the stream") {
  FusedCase c;
  const Tensor step = c.variable("step", i64({}, {3.0})), x = c.input("x", {40, 25});
  const Tensor kept = greater_equal(random_uniform(step, x.type(), 11, 5), 0.25);
  c.output(x * kept * (1.0 / 0.75));
  c.output(random_normal(step, x.type(), 11, 6) + x);
  check_fused(c, 1e-12);
}

TEST_CASE("all weights' updates are one launch, with their clipping and their gate, whatever the optimizer") {
  for (const bool open : {true, false}) {
    FusedCase c;
    const Tensor rate = c.variable("rate", f64({}, {0.1})), gate = c.variable("gate", f64({}, {open ? 1.0 : 0.0})), step = c.variable("step", i64({}, {4.0}));
    std::vector<Tensor> gradients;
    Tensor squares;
    for (const auto& shape : {Shape{3, 5}, Shape{7}, Shape{40, 30}, Shape{5}}) {
      gradients.push_back(c.input("gradient " + std::to_string(gradients.size()), shape));
      const Tensor own = reduce_sum(square(gradients.back()), {});
      squares = squares.defined() ? squares + own : own;
    }
    const Tensor factor = minimum(fill(c.program, {DType::f64, {}}, 0.5) / sqrt(squares), fill(c.program, {DType::f64, {}}, 1.0));
    for (std::size_t i = 0; i < gradients.size(); ++i) {
      const std::string name = std::to_string(i);
      const Shape shape = gradients[i].shape();
      const Tensor g = gradients[i] * factor, w = c.variable("w" + name, shape), m = c.variable("m" + name, shape), v = c.variable("v" + name, shape, 0.0, 1.0);
      if (i == 0) c.assign(w, sgd_update(w, g, rate * 0.5, gate));
      if (i == 1) {
        const std::vector<Tensor> next = momentum_update(w, g, m, rate, gate, 0.9, true);
        c.assign(w, next[0]);
        c.assign(m, next[1]);
      }
      if (i == 2) {
        const std::vector<Tensor> next = adam_update(w, g, m, v, step, rate, gate, 0.9, 0.999, 1e-7, 0.01);
        c.assign(w, next[0]);
        c.assign(m, next[1]);
        c.assign(v, next[2]);
      }
      if (i == 3) {
        const std::vector<Tensor> next = rmsprop_update(w, g, v, rate, gate, 0.9, 1e-7);
        c.assign(w, next[0]);
        c.assign(v, next[1]);
      }
    }
    CHECK(kernels(c) == 3);  // the squares of all, their factor, all updates
    CHECK(copies(c) == 0);
    check_fused(c, 1e-12);
  }
}

TEST_CASE("more weights than a launch takes arguments for are updated by several") {
  FusedCase c;
  const Tensor rate = c.input("rate", Shape{}), gate = c.input("gate", Shape{});
  for (int i = 0; i < 200; ++i) {
    const Tensor w = c.variable("w" + std::to_string(i), {2});
    c.assign(w, sgd_update(w, c.input("g" + std::to_string(i), {2}), rate, gate));
  }
  const Plan plan = plan_of(c.program);
  CHECK(steps_of<KernelStep>(plan) == 2);  // of 448 arguments: three a weight, and two for all
  for (const Step& step : plan.steps) CHECK(std::get<KernelStep>(step).arguments.size() <= kMostArguments);
}
