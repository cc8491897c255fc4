// Nothing is allocated in the training loop by the project's own code. oneDNN itself makes a few small objects for each primitive that it runs.
#include <memory>

#include "allocations.h"
#include "autodiff/autodiff.h"
#include "compare.h"
#include "support/skip.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// A step of a convolutional classifier with everything that a graph file may put there: batch normalisation, resampling, a pool, normalised
/// rows, noise, dropout, a softmax, and each optimiser.
Case classifier_step() {
  Case c;
  const auto integers = [&](const std::string& name, const Array& array) {
    c.given[name] = array;
    return Tensor(c.program, c.program.add_input(name, array.type()));
  };
  const Tensor labels = integers("labels", i32({4}, {0, 3, 9, 1}));
  const Tensor step = integers("step", i64({}, {3}));
  const std::vector<Tensor> weights = {c.variable("kernel", {16, 1, 3, 3}), c.variable("scale", {16}),
                                       c.variable("shift", {16}), c.variable("dense", {16 * 100, 10}),
                                       c.variable("bias", {10})};
  const Tensor convolved =
      conv2d(c.input("image", {4, 1, 28, 28}), weights[0], {.strides = {2, 2}, .padding = {1, 1, 1, 1}});
  const Tensor active = relu(batch_norm(convolved, weights[1], weights[2], 1e-3)[0]);
  const Tensor larger = resize2d(active, {20, 20}, "bilinear");
  const Tensor pooled = erf(normalize_rows(reshape(max_pool2d(larger, {})[0], {4, 16 * 100}), 1e-5)[0]);
  const Tensor kept = random_normal(step, pooled.type(), 1, 3) +
                      pooled * (greater_equal(random_uniform(step, pooled.type(), 1, 2), 0.5) * 2.0);
  const Tensor logits = bias_add(matmul(kept, weights[3]), weights[4]);
  const Tensor loss = softmax_cross_entropy(logits, labels)[0];
  c.output("loss", loss);
  c.output("correct", count_correct(logits, labels));
  const std::vector<Tensor> slopes = gradients(loss, weights);
  const Tensor rate = c.scalar("rate", 1e-3);
  const Tensor gate = is_finite(loss);
  for (std::size_t i = 0; i < weights.size(); ++i) {
    const std::string name = std::to_string(i);
    if (i == 0) {
      const Tensor square = c.variable("square", weights[i].shape());
      const auto next = rmsprop_update(weights[i], slopes[i], square, rate, gate, 0.9, 1e-7);
      c.assign(weights[i], next[0]);
      c.assign(square, next[1]);
    } else if (i < 3) {
      const Tensor m = c.variable("m" + name, weights[i].shape());
      const Tensor v = c.variable("v" + name, weights[i].shape());
      const auto next = adam_update(weights[i], slopes[i], m, v, step, rate, gate, 0.9, 0.999, 1e-7);
      c.assign(weights[i], next[0]);
      c.assign(m, next[1]);
      c.assign(v, next[2]);
    } else if (i == 3) {
      const Tensor velocity = c.variable("velocity", weights[i].shape());
      const auto next = momentum_update(weights[i], slopes[i], velocity, rate, gate, 0.9, true);
      c.assign(weights[i], next[0]);
      c.assign(velocity, next[1]);
    } else {
      c.assign(weights[i], sgd_update(weights[i], slopes[i], rate, gate));
    }
  }
  return c;
}

}  // namespace

TEST_CASE("the counter sees an allocation") {
  if (!AllocationCount::works()) return skip("a sanitizer has the heap");
  const AllocationCount heap;
  auto* volatile number = new int(3);
  delete number;
  REQUIRE(heap.ours() == 1);
}

TEST_CASE("a step's second run allocates nothing of ours") {
  if (!AllocationCount::works()) return skip("a sanitizer has the heap");
  const Case c = classifier_step();
  for (const std::int64_t threads : {1, 2}) {
    const auto session = open_onednn(threads);
    const auto executable = session->compile(c.program);
    write(*session, c.program, c.given);
    run(*executable, c.given);  // OpenMP starts its threads here
    std::vector<std::byte> loss(4);
    const std::span<const std::byte> image = c.given.at("image").bytes();
    const std::size_t input = *c.program.find_input("image");
    std::size_t allocations = 0;
    std::size_t of_libraries = 0;
    {
      const AllocationCount heap;
      executable->set_input(input, image);
      executable->run();
      executable->get_output(0, loss);
      allocations = heap.ours();
      of_libraries = heap.of_libraries();
    }
    INFO(threads << " threads; oneDNN and OpenMP themselves allocate " << of_libraries << " times");
    CHECK(allocations == 0);
  }
}
