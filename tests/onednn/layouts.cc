// Values and variables lie as the kernels want them; nobody outside may notice.
#include "compare.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// conv → bias → relu → flatten → dense, and all gradients with a step of Adam: layouts meet at every border.
Case training_case(std::int64_t channels, std::int64_t filters, std::int64_t size) {
  Case c;
  const Tensor x = c.input("x", {6, channels, size, size});
  const Tensor kernel = c.variable("kernel", {filters, channels, 3, 3});
  const Tensor bias = c.variable("bias", {filters});
  const Tensor y = relu(bias_add(conv2d(x, kernel), bias));
  const std::int64_t features = filters * (size - 2) * (size - 2);
  const Tensor flat = reshape(y, {6, features});
  const Tensor dense = c.variable("dense", {features, 10});
  const Tensor out = matmul(flat, dense);
  const Tensor dout = c.input("dout", {6, 10});
  const Tensor ddense = matmul(flat, dout, true, false);
  const Tensor dflat = matmul(dout, dense, false, true);
  const Tensor dy = relu_backward(reshape(dflat, y.shape()), y);
  const Tensor dkernel = conv2d_backward_weights(x, dy, {}, {3, 3});
  const Tensor dbias = channel_sum(dy);
  c.output("out", out);
  c.output("ddense", ddense);
  c.output("dkernel", dkernel);
  c.output("dbias", dbias);
  const Tensor rate = c.scalar("rate", 0.5);
  const Tensor gate = c.scalar("gate", 1.0);
  c.assign(dense, sgd_update(dense, ddense, rate, gate));
  c.assign(kernel, sgd_update(kernel, dkernel, rate, gate));
  c.assign(bias, sgd_update(bias, dbias, rate, gate));
  return c;
}

}  // namespace

TEST_CASE("a trained network agrees whatever layout its channels ask for") {
  const auto [channels, filters, size] =
      GENERATE(std::tuple{1, 32, 9}, std::tuple{3, 16, 8}, std::tuple{16, 32, 7}, std::tuple{5, 20, 6},
               std::tuple{1, 1, 5}, std::tuple{32, 3, 6}, std::tuple{16, 16, 3});
  INFO(channels << " channels, " << filters << " filters, size " << size);
  training_case(channels, filters, size).check(2e-5);
}

TEST_CASE("a second program finds a variable in the layout that the first one chose") {
  Case first = training_case(1, 32, 9);
  const auto session = open_onednn();
  const auto training = session->compile(first.program);
  Case second;
  const Tensor dense = second.variable("dense", {32 * 49, 10});
  const Tensor x = second.input("x", {3, 32 * 49});
  second.output("product", matmul(x, dense));
  second.output("doubled", dense * 2.0);
  second.output("itself", dense);
  const auto reading = session->compile(second.program);
  write(*session, first.program, first.given);
  const Arrays found = run(*reading, second.given);
  const Arrays expected = evaluate(second.program, second.given);
  for (const auto& [name, array] : expected) require_near(found.at(name), array);
}

TEST_CASE("what was written to a variable before any program is compiled stays") {
  Case c = training_case(1, 32, 9);
  const auto session = open_onednn();
  for (const ValueId id : c.program.variables()) {
    session->declare_variable(c.program.value(id).name, c.program.value(id).type);
  }
  write(*session, c.program, c.given);
  const auto executable = session->compile(c.program);
  for (const ValueId id : c.program.variables()) {
    const std::string& name = c.program.value(id).name;
    REQUIRE(read(*session, name) == c.given.at(name));
  }
}

TEST_CASE("variables that take each other's values swap") {
  Case c;
  const Tensor a = c.variable("a", {3, 5});
  const Tensor b = c.variable("b", {3, 5});
  c.assign(a, b);
  c.assign(b, a);
  c.check();
}

TEST_CASE("a variable that is read after its successor is made is read as it was") {
  Case c;
  const Tensor a = c.variable("a", {3, 5});
  const Tensor next = a * 2.0;
  const Tensor late = next + a;
  c.assign(a, next);
  c.output("late", late);
  c.output("a", a);
  c.check();
}

TEST_CASE("an output that is a variable's new value is of its own run") {
  Case c;
  const Tensor a = c.variable("a", {4});
  const Tensor next = a + 1.0;
  c.assign(a, next);
  c.output("next", next);
  const auto session = open_onednn();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  const Arrays outputs = run(*executable, c.given);
  session->write_variable("a", f32({4}, {9, 9, 9, 9}).bytes());
  Array again({DType::f32, {4}});
  std::vector<std::byte> bytes(16);
  executable->get_output(0, bytes);
  std::memcpy(again.host().data, bytes.data(), bytes.size());
  REQUIRE(again == outputs.at("next"));
}
