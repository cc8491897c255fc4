#include "autodiff/autodiff.h"

#include <set>

#include "catch.h"
#include "generalizer/ops.h"
#include "passes/passes.h"
#include "support/evaluate.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

Tensor input(Program& program, const std::string& name, const Shape& shape) {
  return {program, program.add_input(name, {DType::f64, shape})};
}
Tensor variable(Program& program, const std::string& name, const Shape& shape) {
  return {program, program.add_variable(name, {DType::f64, shape})};
}
Tensor sum(const Tensor& x) { return reduce_sum(x, {}); }

/// Derives the loss by the inputs and variables of these names, whose numbers are given, and compares with differences.
void check_derived(Program& program, const Tensor& loss, const Arrays& given,
                   const std::vector<std::string>& names) {
  std::vector<Tensor> wanted;
  for (const std::string& name : names) {
    const auto index = program.find_input(name);
    wanted.emplace_back(program, index ? program.inputs()[*index] : *program.find_variable(name));
  }
  std::vector<GradientOutput> outputs;
  const std::vector<Tensor> derived = gradients(loss, wanted);
  for (std::size_t i = 0; i < names.size(); ++i) {
    program.add_output("d" + names[i], derived[i].id());
    outputs.push_back({names[i], "d" + names[i]});
  }
  program.add_output("loss", loss.id());
  program.verify();
  check_gradients(program, given, "loss", outputs);
}

std::set<std::string> ops_of(const Program& program) {
  std::set<std::string> names;
  for (const Node& node : program.nodes()) names.insert(node.op->name);
  return names;
}

}  // namespace

TEST_CASE("a value with several readers gets the sum of their gradients") {
  Program program;
  const Tensor x = input(program, "x", {3, 4});
  const Tensor shared = tanh(x);
  check_derived(program, sum(shared * shared + sigmoid(shared) * x), {{"x", random_array({3, 4}, 1)}}, {"x"});
}

TEST_CASE("a tap's two consumers both reach the layers below it") {
  // x {5,6} · a {6,4} -> tanh: the tap; head · b {4,3}; decoder · c {4,6}
  Program program;
  const Tensor x = input(program, "x", {5, 6});
  const Tensor labels(program, program.add_input("labels", {DType::i32, {5}}));
  const Tensor tap = tanh(matmul(x, variable(program, "a", {6, 4})));
  const Tensor classifier =
      softmax_cross_entropy(matmul(tap, variable(program, "b", {4, 3})), labels).front();
  const Tensor decoder = mean_squared_error(sigmoid(matmul(tap, variable(program, "c", {4, 6}))), x);
  const Arrays given{{"x", random_array({5, 6}, 1)},
                     {"labels", i32({5}, {0, 2, 1, 2, 0})},
                     {"a", random_array({6, 4}, 2)},
                     {"b", random_array({4, 3}, 3)},
                     {"c", random_array({4, 6}, 4)}};
  check_derived(program, classifier - 2.0 * decoder, given, {"a", "b", "c", "x"});
}

TEST_CASE("a term's sign turns that term's gradient round, to the bit") {
  const auto derive = [](double first, double second) {
    Program program;
    const Tensor w = variable(program, "w", {4});
    const Tensor loss = affine(sum(square(w)), first, 0.0) + affine(sum(tanh(w)), second, 0.0);
    program.add_output("dw", gradients(loss, std::vector{w}).front().id());
    return evaluate(program, Arrays{{"w", f64({4}, {0.3, -1.2, 0.7, 2.0})}}).at("dw").numbers();
  };
  const std::vector<double> positive = derive(0.0, 2.0);
  const std::vector<double> negative = derive(0.0, -2.0);
  for (std::size_t i = 0; i < positive.size(); ++i) CHECK(positive[i] == -negative[i]);
}

TEST_CASE("nothing is derived below what is asked for") {
  Program program;
  const Tensor images = input(program, "images", {2, 1, 6, 6});
  const Tensor tap = reshape(relu(conv2d(images, variable(program, "below", {3, 1, 3, 3}))), {2, 48});
  const Tensor kernel = variable(program, "kernel", {48, 36});
  const Tensor loss = mean_squared_error(matmul(tap, kernel), reshape(images, {2, 36}));
  program.add_output("dkernel", gradients(loss, std::vector{kernel}).front().id());
  CHECK(ops_of(optimize(program)) ==
        std::set<std::string>{"conv2d", "relu", "reshape", "matmul", "mean_squared_error_backward", "fill"});
  std::size_t products = 0;
  for (const Node& node : program.nodes()) products += node.op->name == "matmul" ? 1 : 0;
  CHECK(products == 2);  // forward, and by the kernel; not by the tap
}

TEST_CASE("gradients by values in the middle of the program") {
  Program program;
  const Tensor x = input(program, "x", {4});
  const Tensor middle = square(x);
  const Tensor loss = sum(middle * middle);
  const std::vector<Tensor> derived = gradients(loss, std::vector{middle, x, loss});
  program.add_output("dmiddle", derived[0].id());
  program.add_output("dx", derived[1].id());
  program.add_output("dloss", derived[2].id());
  const Arrays outputs = evaluate(program, Arrays{{"x", f64({4}, {1, 2, 3, -1})}});
  CHECK(outputs.at("dmiddle").numbers() == std::vector<double>{2, 8, 18, 2});
  CHECK(outputs.at("dx").numbers() == std::vector<double>{4, 32, 108, -4});
  CHECK(outputs.at("dloss").numbers() == std::vector<double>{1});
}

TEST_CASE("what the loss does not depend on, or only through stop_gradient, has the gradient 0") {
  Program program;
  const Tensor x = input(program, "x", {2});
  const Tensor other = input(program, "other", {3});
  const Tensor stopped = input(program, "stopped", {2});
  const std::vector<Tensor> derived =
      gradients(sum(x * stop_gradient(square(stopped))), std::vector{other, stopped, x});
  program.add_output("other", derived[0].id());
  program.add_output("stopped", derived[1].id());
  program.add_output("x", derived[2].id());
  const Arrays outputs = evaluate(
      program,
      Arrays{{"x", f64({2}, {1, 2})}, {"other", f64({3}, {1, 2, 3})}, {"stopped", f64({2}, {3, 4})}});
  CHECK(outputs.at("other").numbers() == std::vector<double>{0, 0, 0});
  CHECK(outputs.at("stopped").numbers() == std::vector<double>{0, 0});
  CHECK(outputs.at("x").numbers() == std::vector<double>{9, 16});
}

TEST_CASE("a seed scales every gradient") {
  Program program;
  const Tensor x = input(program, "x", {2});
  const Tensor seed = input(program, "seed", {});
  program.add_output("dx", gradients(sum(square(x)), std::vector{x}, seed).front().id());
  CHECK(evaluate(program, Arrays{{"x", f64({2}, {1, -2})}, {"seed", f64({}, {10})}}).at("dx").numbers() ==
        std::vector<double>{20, -40});
}

TEST_CASE("derived nodes carry the scope of what they are derived from, and the program's own comes back") {
  Program program;
  const Tensor x = input(program, "x", {2, 2});
  program.set_scope("classifier/a");
  const Tensor y = matmul(x, x);
  program.set_scope("classifier/loss");
  const Tensor loss = sum(y);
  program.set_scope("outside");
  const std::size_t before = program.nodes().size();
  gradients(loss, std::vector{x});
  CHECK(program.scope() == "outside");
  std::set<std::string> scopes;
  for (std::size_t i = before; i < program.nodes().size(); ++i) {
    if (program.nodes()[i].op->name == "matmul") scopes.insert(program.nodes()[i].scope);
  }
  CHECK(scopes == std::set<std::string>{"classifier/a"});
}

TEST_CASE("an op without a derivative on the way is named with its place; beside the way it is left alone") {
  OpDefinition op;
  op.name = "round_up";
  op.input_names = {"x"};
  op.output_names = {"y"};
  op.infer = [](const OpSignature& s) { return std::vector<TensorType>{s.inputs[0]}; };
  Program program;
  const Tensor x = input(program, "x", {2});
  const Tensor other = input(program, "other", {2});
  program.set_scope("decoder/rounding");
  const Tensor loss = sum(generalizer::apply(op, std::vector{x}) * other);
  CHECK_THROWS_WITH(gradients(loss, std::vector{x}),
                    Catch::Contains("round_up") && Catch::Contains("decoder/rounding"));
  CHECK_NOTHROW(gradients(loss, std::vector{other}));
}

TEST_CASE("a rule that gives a gradient of another shape is named") {
  OpDefinition op;
  op.name = "broken";
  op.input_names = {"x"};
  op.output_names = {"y"};
  op.infer = [](const OpSignature& s) { return std::vector<TensorType>{s.inputs[0]}; };
  op.gradient = [](const GradientContext& c) { return std::vector{sum(c.output_gradients[0])}; };
  Program program;
  const Tensor x = input(program, "x", {2});
  const Tensor loss = sum(generalizer::apply(op, std::vector{x}));
  CHECK_THROWS_WITH(gradients(loss, std::vector{x}), Catch::Contains("broken") && Catch::Contains("f64[2]"));
  op.gradient = [](const GradientContext&) { return std::vector<Tensor>{}; };
  CHECK_THROWS_WITH(gradients(loss, std::vector{x}),
                    Catch::Contains("broken") && Catch::Contains("0 gradients for 1"));
}

TEST_CASE("only a floating scalar is derived, and only by floating values of its program") {
  Program program;
  const Tensor x = input(program, "x", {2});
  const Tensor labels(program, program.add_input("labels", {DType::i32, {2}}));
  CHECK_THROWS_WITH(gradients(x, std::vector{x}), Catch::Contains("scalar") && Catch::Contains("f64[2]"));
  CHECK_THROWS_WITH(gradients(sum(x), std::vector{labels}), Catch::Contains("i32[2]"));
  Program elsewhere;
  CHECK_THROWS_AS(gradients(sum(x), std::vector{input(elsewhere, "x", {2})}), Error);
  CHECK_THROWS_WITH(gradients(sum(x), std::vector{x}, x), Catch::Contains("f64[2]"));
}
