// An op that a plugin brings runs by the kernel that it has for CPUs, and by its reference kernel where it has none.
#include <array>

#include "compare.h"
#include "generalizer/op.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

/// y = factor·x, as a plugin would define it.
OpDefinition scaled(float factor) {
  OpDefinition op;
  op.name = "scaled";
  op.input_names = {"x"};
  op.output_names = {"y"};
  op.infer = [](const OpSignature& signature) { return std::vector{signature.inputs[0]}; };
  op.reference = [factor](const KernelContext& context) {
    const HostTensor& x = context.inputs[0];
    for (std::int64_t i = 0; i < x.type.shape.elements(); ++i)
      context.outputs[0].as<float>()[i] = factor * x.as<const float>()[i];
  };
  return op;
}

Array run_on(const OpDefinition& op) {
  const auto session = open_onednn();
  Program program("custom");
  const Tensor x(program, program.add_input("x", {DType::f32, {2, 3}}));
  // Between ops of the backend's own, whose memory it shares.
  program.add_output("y", relu(generalizer::apply(op, std::array{relu(x)})).id());
  program.verify();
  const auto executable = session->compile(program);
  return run(*executable, {{"x", Array({DType::f32, {2, 3}}, {-1, 2, 3, -4, 5, 6})}}).at("y");
}

}  // namespace

TEST_CASE("a custom op runs by its reference kernel where it brings no other") {
  static const OpDefinition op = scaled(3.0F);
  CHECK(run_on(op) == Array({DType::f32, {2, 3}}, {0, 6, 9, 0, 15, 18}));
}

TEST_CASE("a custom op's CPU kernel comes before its reference kernel") {
  static const OpDefinition op = [] {
    OpDefinition both = scaled(3.0F);
    both.cpu = scaled(4.0F).reference;  // told apart by another factor
    return both;
  }();
  CHECK(run_on(op) == Array({DType::f32, {2, 3}}, {0, 8, 12, 0, 20, 24}));
}
