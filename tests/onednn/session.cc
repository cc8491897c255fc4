// What a session promises beyond right numbers: the same bytes again, clear refusals, memory that is shared.
#include "compare.h"

using namespace generalizer;
using namespace generalizer::test;
using Catch::Matchers::Contains;

namespace {

/// A convolutional classifier's forward pass, gradients and Adam, big enough to be divided among threads.
Case network() {
  Case c;
  const Tensor x = c.input("x", {16, 1, 20, 20});
  const Tensor kernel = c.variable("kernel", {32, 1, 3, 3});
  const Tensor normal =
      batch_norm(conv2d(x, kernel), c.variable("scale", {32}), c.variable("shift", {32}), 1e-5)[0];
  const Tensor y = relu(normal);
  const Tensor flat = reshape(y, {16, 32 * 18 * 18});
  const Tensor dense = c.variable("dense", {32 * 18 * 18, 24});
  const Tensor out = matmul(flat, dense);
  const Tensor gradient = matmul(flat, c.input("dout", {16, 24}), true, false);
  c.given["step"] = i64({}, {3});
  const Tensor step(c.program, c.program.add_variable("step", c.given["step"].type()));
  const Tensor m = c.variable("m", dense.shape());
  const Tensor v = c.variable("v", dense.shape());
  for (std::size_t i = 0; i < c.given["v"].size(); ++i) c.given["v"].set(i, 0.5);  // means of squares
  const Tensor gate = c.scalar("gate", 1.0);
  const std::vector<Tensor> next =
      adam_update(dense, gradient, m, v, step, c.scalar("rate", 1e-3), gate, 0.9, 0.999, 1e-7);
  c.assign(dense, next[0]);
  c.assign(m, next[1]);
  c.assign(v, next[2]);
  c.output("out", out);
  c.output("loss", mean_squared_error(out, c.input("target", {16, 24})));
  return c;
}

Arrays train(const Case& c, std::int64_t threads, int steps) {
  const auto session = open_onednn(threads);
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  Arrays results;
  for (int i = 0; i < steps; ++i) results = run(*executable, c.given);
  for (const char* name : {"dense", "m", "v"}) results[name] = read(*session, name);
  return results;
}

const OpDefinition& unknown_op(bool with_reference) {
  static const auto define = [](bool reference) {
    OpDefinition op;
    op.name = "thrice";
    op.summary = "3·x";
    op.input_names = {"x"};
    op.output_names = {"y"};
    op.infer = [](const OpSignature& signature) { return std::vector{signature.inputs[0]}; };
    if (reference) {
      op.reference = [](const KernelContext& context) {
        const auto count = context.inputs[0].type.shape.elements();
        for (std::int64_t i = 0; i < count; ++i) {
          context.outputs[0].as<float>()[i] = 3.0F * context.inputs[0].as<float>()[i];
        }
      };
    }
    return op;
  };
  static const OpDefinition with = define(true);
  static const OpDefinition without = define(false);
  return with_reference ? with : without;
}

Tensor thrice(const Tensor& x, bool with_reference) {
  const Tensor operands[] = {x};
  return apply(unknown_op(with_reference), operands);
}

}  // namespace

TEST_CASE("a training network agrees with the reference kernels") { network().check(2e-5); }

TEST_CASE("the same threads give the same bytes, other threads the same numbers") {
  const Case c = network();
  const Arrays two = train(c, 2, 5);
  REQUIRE(train(c, 2, 5) == two);
  const std::int64_t threads = GENERATE(1, 3);
  for (const auto& [name, array] : train(c, threads, 5)) {
    INFO(name << " with " << threads << " threads");
    require_near(array, two.at(name), 1e-4);
  }
}

TEST_CASE("a closed gate leaves weights and moments as they are, to the bit") {
  Case c = network();
  c.given["gate"] = f32({}, {0.0});
  const Arrays after = train(c, 2, 3);
  for (const char* name : {"dense", "m", "v"}) REQUIRE(after.at(name) == c.given.at(name));
}

TEST_CASE("numbers below the smallest normal one are zero in a run, and nowhere else") {
  Case c;
  const Tensor x = c.input("x", {70000});
  for (std::size_t i = 0; i < 70000; ++i) c.given["x"].set(i, 1e-25);
  c.output("y", x * 1e-18);
  const auto session = open_onednn(2);
  const auto executable = session->compile(c.program);
  const Array y = run(*executable, c.given).at("y");
  REQUIRE(y == Array(y.type()));
  volatile float small = 1e-25F;
  REQUIRE(small * 1e-18F > 0.0F);
}

TEST_CASE("a custom op without a kernel for this backend runs by its reference kernel") {
  Case c;
  const Tensor x = conv2d(c.input("x", {2, 3, 6, 6}), c.variable("w", {32, 3, 3, 3}));
  c.output("y", thrice(x, true) + x);
  c.check();
}

TEST_CASE("an op that can't be done is refused with its name, scope and types") {
  Case c;
  c.program.set_scope("classifier/odd");
  c.output("y", thrice(c.input("x", {2, 3}), false));
  const auto session = open_onednn();
  REQUIRE_THROWS_WITH(session->compile(c.program),
                      Contains("thrice at classifier/odd") && Contains("f32[2×3]") && Contains("reference"));
}

TEST_CASE("a program in f64 is refused with the backend that runs it") {
  Program program("double");
  const Tensor x(program, program.add_input("x", {DType::f64, {4}}));
  program.add_output("y", relu(x).id());
  const auto session = open_onednn();
  REQUIRE_THROWS_WITH(session->compile(program), Contains("f32 only") && Contains("\"reference\""));
}

TEST_CASE("values that don't live at the same time share memory") {
  const Case c = network();
  const auto session = open_onednn();
  const MemoryReport memory = session->compile(c.program)->memory();
  REQUIRE(memory.arena > 0);
  REQUIRE(memory.arena < memory.unshared);
}

TEST_CASE("the device says what is really used") {
  REQUIRE_THAT(open_onednn(3)->device(), Contains("onednn 3.") && Contains("3 threads"));
  REQUIRE_THAT(open_onednn(1)->device(), Contains("1 thread"));
}
