// What a program becomes on a CUDA device, before there is one.
#include <algorithm>
#include <array>
#include <cstring>

#include "catch.h"
#include "generalizer/ops.h"
#include "plan.h"

using namespace generalizer;
using namespace generalizer::cuda;

namespace {

Tensor input(Program& program, const std::string& name, const Shape& shape) { return {program, program.add_input(name, {DType::f32, shape})}; }

template <class T>
std::size_t count(const Plan& plan) {
  return static_cast<std::size_t>(std::count_if(plan.steps.begin(), plan.steps.end(), [](const Step& step) { return std::holds_alternative<T>(step); }));
}

}  // namespace

TEST_CASE("every built-in op has a kernel, or is a view, a constant or a library's") {
  for (const OpDefinition* op : builtin_ops()) {
    INFO(op->name);
    CHECK((has_kernel(op->name) || op->name == "matmul" || op->name == "constant_values"));
  }
}

TEST_CASE("launches of one kind on equal shapes share a kernel, and steps stand in an order in which they can run") {
  Program program("twice");
  const Tensor x = input(program, "x", {4, 4}), w = input(program, "w", {4, 4});
  const Tensor y = exp(matmul(exp(x), w));  // one kernel, twice
  program.add_output("y", matmul(y, w).id());
  const Plan plan = plan_of(program);
  CHECK(plan.kernels.size() == 1);
  REQUIRE(plan.steps.size() == 4);
  CHECK(std::get<KernelStep>(plan.steps[0]).kernel == std::get<KernelStep>(plan.steps[2]).kernel);
  CHECK(std::get<LibraryStep>(plan.steps[1]).operands[0] == std::get<KernelStep>(plan.steps[0]).arguments[1]);  // what the first made
  CHECK(std::get<KernelStep>(plan.steps[2]).arguments[0] == std::get<LibraryStep>(plan.steps[1]).results[0]);
}

TEST_CASE("views take no step, and what a variable can't be made in is copied last") {
  Program program("views");
  const Tensor x = input(program, "x", {4, 6});
  const Tensor w(program, program.add_variable("w", {DType::f32, {4, 6}}));
  program.add_output("flat", reshape(x, {24}).id());
  program.add_output("old", (w + x).id());
  program.assign(w.id(), x.id());  // an input is no place for a variable
  const Plan plan = plan_of(program);
  CHECK(count<KernelStep>(plan) == 1);
  REQUIRE(count<CopyStep>(plan) == 1);
  CHECK(std::get<CopyStep>(plan.steps.back()).to == w.id());
}

TEST_CASE("constants are filled once and never written over") {
  Program program("constants");
  const Tensor x = input(program, "x", {3});
  const Tensor c = constant_values(program, {DType::f32, {3}}, {1.0, 2.0, 3.0});
  program.add_output("y", (relu(c) + x).id());
  const Plan plan = plan_of(program);
  REQUIRE(plan.constants == std::vector<ValueId>{c.id()});
  for (std::size_t id = 0; id < plan.placement.owner.size(); ++id) {
    if (plan.placement.owner[id] == c.id()) CHECK(static_cast<ValueId>(id) == c.id());
  }
  const std::vector<std::byte> bytes = constant_bytes(program, c.id());
  std::array<float, 3> numbers{};
  REQUIRE(bytes.size() == sizeof numbers);
  std::memcpy(numbers.data(), bytes.data(), sizeof numbers);
  CHECK(numbers == std::array<float, 3>{1.0F, 2.0F, 3.0F});
}

TEST_CASE("cuDNN has the convolutions whose padding is the same on both sides, and a kernel the others") {
  for (const std::int64_t right : {1, 2}) {
    Program program("convolution");
    const Tensor x = input(program, "x", {2, 3, 8, 8}), w = input(program, "w", {4, 3, 3, 3});
    program.add_output("y", conv2d(x, w, {.strides = {1, 1}, .padding = {1, 1, 1, right}, .dilations = {1, 1}, .groups = 1}).id());
    const Plan plan = plan_of(program);
    CHECK(count<LibraryStep>(plan) == (right == 1 ? 1 : 0));
    CHECK(count<KernelStep>(plan) == (right == 1 ? 0 : 1));
  }
}

TEST_CASE("a plugin's op without a kernel for CUDA is refused with its name, its place and what to do") {
  static const OpDefinition op = [] {
    OpDefinition made;
    made.name = "swirl";
    made.input_names = {"x"};
    made.output_names = {"y"};
    made.infer = [](const OpSignature& signature) { return std::vector{signature.inputs[0]}; };
    return made;
  }();
  Program program("custom");
  program.set_scope("classifier/odd");
  program.add_output("y", generalizer::apply(op, std::array{input(program, "x", {2, 2})}).id());
  CHECK_THROWS_WITH(plan_of(program), Catch::Contains("classifier/odd: swirl has no kernel for CUDA devices") && Catch::Contains("onednn"));
}

TEST_CASE("a product that takes a channel sum along is a library's call, and the plan has one for each product") {
  Program program("gradients of a dense layer");
  const Tensor x = input(program, "x", {8, 5}), dy = input(program, "dy", {8, 12});
  program.add_output("bias", channel_sum(dy).id());
  program.add_output("kernel", matmul(x, dy, true, false).id());
  const Plan plan = plan_of(program);
  REQUIRE(plan.steps.size() == 1);
  const auto& step = std::get<LibraryStep>(plan.steps[0]);
  CHECK(step.product().op->name == "matmul");
  CHECK(step.nodes.size() == 2);
  CHECK(step.results.size() == 2);
}
