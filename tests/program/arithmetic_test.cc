#include "catch.h"
#include "generalizer/ops.h"
#include "passes/passes.h"

using namespace generalizer;

TEST_CASE("a program keeps through the passes how its products are computed, and says it where that isn't exact") {
  Program program("step");
  const Tensor x(program, program.add_input("x", {DType::f32, Shape{2, 3}}));
  program.add_output("y", matmul(x, x, false, true).id());
  CHECK(program.arithmetic() == Arithmetic::exact);
  CHECK(program.to_string().find("products in") == std::string::npos);

  program.set_arithmetic(Arithmetic::bf16);
  const Program optimized = optimize(program);
  CHECK(optimized.arithmetic() == Arithmetic::bf16);
  CHECK(optimized.to_string().find("  products in bf16\n") != std::string::npos);
}
