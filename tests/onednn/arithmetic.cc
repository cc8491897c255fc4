// Products of operands that are rounded to bf16, against products by the reference kernels of operands that were rounded beforehand.
#include <cstdlib>

#include "compare.h"
#include "products.h"
#include "support/rounded.h"
#include "support/skip.h"
#include "trainer/small_training.h"

using namespace generalizer;
using namespace generalizer::test;
using namespace generalizer::onednn;

namespace {

bool can_multiply_bf16() {
  if (multiplies_bf16(dnnl::get_effective_cpu_isa())) return true;
  skip("this processor has no instructions for products of bf16");
  return false;
}

/// The case's program, whose operands of products are all inputs or variables: found in bf16, and by reference from rounded numbers and from the numbers
/// themselves.
void check_rounding(Case& c) {
  if (!can_multiply_bf16()) return;
  c.program.verify();
  Arrays given = c.given, rounded_given;
  for (const auto& [name, array] : given) rounded_given[name] = name == "bias" ? array : rounded(array, Arithmetic::bf16);
  const Arrays unrounded = evaluate(c.program, given);
  const Arrays expected = evaluate(c.program, rounded_given);

  c.program.set_arithmetic(Arithmetic::bf16);
  const auto session = open_onednn();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  const Arrays first = run(*executable, c.given);
  for (const auto& [name, array] : expected) {
    INFO("output " << name);
    require_near(first.at(name), array, 2e-6);
    // Rounding moves results of sums of this length by some thousandths: found in f32, they would be elsewhere.
    double moved = 0.0;
    for (std::size_t i = 0; i < array.size(); ++i) moved = std::max(moved, std::abs(array.get(i) - unrounded.at(name).get(i)));
    CHECK(moved > 1e-4);
  }
  for (const ValueId id : c.program.variables()) {  // not rounded where it lies
    const std::string& name = c.program.value(id).name;
    CHECK(read(*session, name).bytes() == c.given.at(name).bytes());
  }
  CHECK(run(*executable, c.given) == first);
}

struct ConvolutionCase {
  const char* what;
  std::int64_t images, channels, height, width, filters, kernel;
  ConvolutionGeometry geometry;
};

}  // namespace

TEST_CASE("in bf16 a product is that of rounded operands, whatever is transposed", "[bf16]") {
  const auto [m, k, n] = GENERATE(std::tuple{7, 5, 3}, std::tuple{1, 33, 10}, std::tuple{32, 128, 10}, std::tuple{17, 64, 1}, std::tuple{33, 1, 19});
  const bool ta = GENERATE(false, true);
  const bool tb = GENERATE(false, true);
  INFO(m << "×" << k << "·" << k << "×" << n << ", transposed: " << ta << tb);
  Case c;
  const Tensor a = ta ? c.input("a", {k, m}) : c.input("a", {m, k});
  const Tensor b = tb ? c.variable("b", {n, k}) : c.variable("b", {k, n});
  c.output("y", matmul(a, b, ta, tb));
  check_rounding(c);
}

TEST_CASE("in bf16 products side by side are those of rounded operands", "[bf16]") {
  const bool tb = GENERATE(false, true);
  Case c;
  c.output("y", matmul(c.input("a", {3, 4, 7, 16}), c.input("b", tb ? Shape{3, 4, 9, 16} : Shape{3, 4, 16, 9}), false, tb));
  check_rounding(c);
}

TEST_CASE("in bf16 a bias and an activation are added in f32", "[bf16]") {
  const bool convolution = GENERATE(false, true);
  Case c;
  const Tensor y = convolution ? conv2d(c.input("x", {3, 4, 8, 6}), c.variable("w", {20, 4, 3, 3})) : matmul(c.input("x", {5, 90}), c.variable("w", {90, 20}));
  c.output("y", relu(bias_add(y, c.variable("bias", {20}))));
  check_rounding(c);
}

TEST_CASE("in bf16 convolutions and their gradients are those of rounded operands", "[bf16]") {
  const std::vector<ConvolutionCase> convolutions = {
      {"first layer", 4, 1, 28, 28, 32, 3, {}},
      {"blocks", 2, 32, 7, 7, 64, 3, {.padding = {1, 1, 1, 1}}},
      {"odd channels", 2, 5, 8, 6, 20, 3, {.strides = {2, 1}}},
      {"uneven padding", 2, 4, 7, 7, 6, 4, {.strides = {2, 2}, .padding = {1, 2, 0, 1}}},
      {"dilated", 2, 16, 11, 11, 16, 3, {.dilations = {2, 2}}},
      {"groups", 2, 8, 6, 6, 12, 3, {.groups = 4}},
      {"depthwise", 2, 32, 6, 6, 32, 3, {.padding = {1, 1, 1, 1}, .groups = 32}},
      {"1×1", 3, 17, 5, 5, 9, 1, {}},
  };
  const auto& given = GENERATE_REF(from_range(convolutions));
  INFO(given.what);
  Case c;
  const Tensor x = c.input("x", {given.images, given.channels, given.height, given.width});
  const Tensor w = c.variable("w", {given.filters, given.channels / given.geometry.groups, given.kernel, given.kernel});
  const Tensor y = conv2d(x, w, given.geometry);
  const Tensor dy = c.input("dy", y.shape());
  c.output("y", y);
  c.output("dx", conv2d_backward_data(dy, w, given.geometry, {given.height, given.width}));
  c.output("dw", conv2d_backward_weights(x, dy, given.geometry, {given.kernel, given.kernel}));
  check_rounding(c);
}

TEST_CASE("in bf16 what comes out of a convolution is rounded where a product reads it, and nowhere else", "[bf16]") {
  if (!can_multiply_bf16()) return;
  Case c;
  const Tensor h = relu(conv2d(c.input("x", {3, 2, 9, 9}), c.variable("w", {32, 2, 3, 3})));
  const Tensor flat = reshape(h, {3, 32 * 49});
  c.output("h", h);
  c.output("y", matmul(flat, c.variable("dense", {32 * 49, 10})));
  c.output("sum", reduce_sum(flat, {1}));
  c.program.set_arithmetic(Arithmetic::bf16);
  const auto session = open_onednn();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  const Arrays found = run(*executable, c.given);

  Program second("second half");  // by reference, from the h that was found
  const Tensor known(second, second.add_input("h", {DType::f32, {3, 32 * 49}}));
  const Tensor dense(second, second.add_input("dense", {DType::f32, {32 * 49, 10}}));
  second.add_output("y", matmul(known, dense).id());
  second.add_output("sum", reduce_sum(known, {1}).id());
  Array as_found({DType::f32, {3, 32 * 49}}, found.at("h").numbers());
  Arrays unrounded{{"h", as_found}, {"dense", c.given.at("dense")}};
  Arrays rounded_operands{{"h", rounded(as_found, Arithmetic::bf16)}, {"dense", rounded(c.given.at("dense"), Arithmetic::bf16)}};
  require_near(found.at("y"), evaluate(second, rounded_operands).at("y"), 2e-6);
  require_near(found.at("sum"), evaluate(second, unrounded).at("sum"), 2e-6);
}

TEST_CASE("in bf16 a bias' gradient is the sum of numbers that aren't rounded, beside a product or not", "[bf16]") {
  if (!can_multiply_bf16()) return;
  const bool convolution = GENERATE(false, true);
  Case c;
  const Tensor x = convolution ? c.input("x", {4, 3, 9, 9}) : c.input("x", {6, 40});
  const Tensor dy = convolution ? c.input("dy", {4, 16, 7, 7}) : c.input("dy", {6, 16});
  c.output("dw", convolution ? conv2d_backward_weights(x, dy, {}, {3, 3}) : matmul(x, dy, true, false));
  c.output("dbias", channel_sum(dy));
  c.program.set_arithmetic(Arithmetic::bf16);
  const auto session = open_onednn();
  const auto executable = session->compile(c.program);
  const Arrays found = run(*executable, c.given);
  const Arrays expected = evaluate(c.program, c.given);
  require_near(found.at("dbias"), expected.at("dbias"), 1e-6);
}

TEST_CASE("an arithmetic that the processor hasn't is refused with its name and what to choose", "[bf16]") {
  Case c;
  c.output("y", matmul(c.input("a", {2, 3}), c.input("b", {3, 2})));
  c.program.set_arithmetic(Arithmetic::tf32);
  CHECK_THROWS_WITH(open_onednn()->compile(c.program), Catch::Contains("does not multiply in tf32") && Catch::Contains("precision = \"f32\""));
  CHECK(products_for(Arithmetic::exact, dnnl::cpu_isa::sse41) == Products::exact);
  CHECK_THROWS_WITH(products_for(Arithmetic::bf16, dnnl::cpu_isa::avx2), Catch::Contains("AVX512_BF16"));
  CHECK(products_for(Arithmetic::bf16, dnnl::cpu_isa::avx512_core_bf16) == Products::bf16);
  CHECK(products_for(Arithmetic::bf16, dnnl::cpu_isa::avx512_core_fp16) == Products::rounded);
  CHECK(products_for(Arithmetic::bf16, dnnl::cpu_isa::avx512_core_amx) == Products::bf16);
}

TEST_CASE("bf16 is offered where there are instructions for it, and refused where there are none", "[bf16]") {
  Case c;
  c.output("y", matmul(c.input("a", {2, 3}), c.input("b", {3, 2})));
  c.program.set_arithmetic(Arithmetic::bf16);
  const auto session = open_onednn();
  const std::vector<Arithmetic> offered = generalizer::testing::registry().find_backend("onednn")->report().arithmetics;
  const bool has = multiplies_bf16(dnnl::get_effective_cpu_isa());
  CHECK(offered.size() == (has ? 2 : 1));
  if (has) {
    CHECK_NOTHROW(session->compile(c.program));
  } else {
    CHECK_THROWS_WITH(session->compile(c.program), Catch::Contains("does not multiply in bf16") && Catch::Contains(name_of(dnnl::get_effective_cpu_isa())));
  }
}

TEST_CASE("a training in bf16 comes as far as one in f32, and twice to the same bits", "[bf16]") {
  if (!can_multiply_bf16()) return;
  using namespace generalizer::testing;
  const TemporaryFolder folder;
  std::map<std::string, EpochMetrics> metrics;
  for (const auto& [name, precision] : std::map<std::string, std::string>{{"exact", "f32"}, {"once", "bf16"}, {"again", "bf16"}}) {
    const GraphSpec spec = graph({{"backend=onednn"}, {"precision=" + precision}, {"train.epochs=8"}});
    metrics[name] = train_into(folder / name, spec).epochs.back();
  }
  check_equal_runs(folder / "once", folder / "again");
  const EpochMetrics &f32 = metrics.at("exact"), &bf16 = metrics.at("once");
  CHECK(*bf16.train.loss != *f32.train.loss);
  CHECK(*bf16.train.loss == Approx(*f32.train.loss).epsilon(0.05));
  CHECK(*bf16.decoders.at("near").test_loss == Approx(*f32.decoders.at("near").test_loss).epsilon(0.05));
}
