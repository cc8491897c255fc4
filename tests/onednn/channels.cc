// Batch normalisation and sums by channel, in every layout that a channel can have.
#include "compare.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// An operand [4 × channels × 7 × 5]: row-major as an input, and in blocks out of a convolution.
Tensor operand(Case& c, std::int64_t channels, bool in_blocks) {
  if (!in_blocks) return c.input("x", {4, channels, 7, 5});
  return conv2d(c.input("x", {4, 3, 8, 6}), c.variable("w", {channels, 3, 2, 2}));
}

}  // namespace

TEST_CASE("batch normalisation and its gradient agree") {
  const std::int64_t channels = GENERATE(1, 8, 16, 20, 48);
  const bool in_blocks = GENERATE(false, true);
  const bool with_relu = GENERATE(false, true);
  INFO(channels << " channels, in blocks: " << in_blocks << ", relu: " << with_relu);
  Case c;
  const Tensor x = operand(c, channels, in_blocks);
  const Tensor scale = c.variable("scale", {channels});
  const Tensor shift = c.variable("shift", {channels});
  const std::vector<Tensor> normal = batch_norm(x, scale, shift, 1e-5);
  const Tensor y = with_relu ? relu(normal[0]) : normal[0];
  Tensor dy = c.input("dy", x.shape());
  if (with_relu) dy = relu_backward(dy, y);
  const std::vector<Tensor> gradients = batch_norm_backward(dy, x, normal[1], normal[2], scale, 1e-5);
  c.output("y", y);
  c.output("mean", normal[1]);
  c.output("variance", normal[2]);
  c.output("dx", gradients[0]);
  c.output("dscale", gradients[1]);
  c.output("dshift", gradients[2]);
  c.output("given",
           batch_norm_inference(x, scale, shift, c.variable("mean", {channels}), square(shift) + 0.5, 1e-5));
  c.check();
}

TEST_CASE("batch normalisation of two axes agrees") {
  const std::int64_t channels = GENERATE(1, 10, 128);
  Case c;
  const Tensor x = c.input("x", {33, channels});
  const std::vector<Tensor> normal =
      batch_norm(x, c.variable("scale", {channels}), c.variable("shift", {channels}), 1e-3);
  for (std::size_t i = 0; i < 3; ++i) c.output(std::to_string(i), normal[i]);
  c.check();
}

TEST_CASE("a mean far from zero costs the variance no digits") {
  Case c;
  const Tensor x = c.input("x", {16, 2, 9, 9}) + 1000.0;
  const std::vector<Tensor> normal = batch_norm(x, c.variable("scale", {2}), c.variable("shift", {2}), 1e-5);
  c.output("variance", normal[2]);
  c.check(1e-4);  // x itself has lost three digits
}

TEST_CASE("a bias and its gradient agree") {
  const std::int64_t channels = GENERATE(1, 8, 16, 20, 48);
  const bool in_blocks = GENERATE(false, true);
  Case c;
  const Tensor x = operand(c, channels, in_blocks);
  c.output("sum", channel_sum(x));
  c.output("biased", bias_add(square(x), c.variable("bias", {channels})));
  c.check();
}
