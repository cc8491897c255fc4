// What a CUDA device's libraries are asked for in each arithmetic, and which numbers come of it, before there is a device.
#include <algorithm>
#include <filesystem>

#include "choices.h"
#include "lower/steps.h"
#include "onednn/compare.h"
#include "places.h"
#include "plan.h"
#include "support/networks.h"
#include "support/rounded.h"
#include "tensor_cores.h"
#ifdef WITH_NVRTC
#include "compiler.h"
#endif

using namespace generalizer;
using namespace generalizer::test;
using namespace generalizer::cuda;

namespace {

std::unique_ptr<Session> open_stand_in() {
  static const auto registry = [] {
    auto loaded = std::make_unique<Registry>();
    load_plugin(CUDA_ON_HOST, *loaded);
    return loaded;
  }();
  return registry->find_backend("cuda_on_host")->open({});
}

/// The program's library steps, each with the nodes that its call takes along.
std::vector<LibraryStep> library_steps(const Program& program) {
  const Readers readers(program);
  std::vector<LibraryStep> steps;
  for (const Node& node : program.nodes()) {
    if (!by_library(node)) continue;
    std::vector<const Node*> nodes = taken_along(program, node, readers);
    nodes.insert(nodes.begin(), &node);
    steps.push_back(library_step(nodes, readers));
  }
  return steps;
}

std::size_t count(const Program& program, const std::string& op) {
  return static_cast<std::size_t>(std::count_if(program.nodes().begin(), program.nodes().end(), [&](const Node& node) { return node.op->name == op; }));
}

/// As the stand-in computes it in this arithmetic, against the reference kernels on operands that were rounded beforehand. A bias isn't rounded.
void check_rounding(Case& c, Arithmetic arithmetic) {
  Arrays given = c.given, rounded_given;
  for (const auto& [name, array] : given) rounded_given[name] = name == "bias" ? array : rounded(array, arithmetic);
  const Arrays unrounded = evaluate(c.program, given);
  const Arrays expected = evaluate(c.program, rounded_given);
  c.program.set_arithmetic(arithmetic);
  const auto session = open_stand_in();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  const Arrays first = run(*executable, c.given);
  for (const auto& [name, array] : expected) {
    INFO("output " << name << " in " << name_of(arithmetic));
    require_near(first.at(name), array, 2e-6);
    double moved = 0.0;
    for (std::size_t i = 0; i < array.size(); ++i) moved = std::max(moved, std::abs(array.get(i) - unrounded.at(name).get(i)));
    CHECK(moved > (arithmetic == Arithmetic::bf16 ? 1e-4 : 1e-5));
  }
  for (const ValueId id : c.program.variables()) CHECK(read(*session, c.program.value(id).name).bytes() == c.given.at(c.program.value(id).name).bytes());
  CHECK(run(*executable, c.given) == first);
}

void add_convolution(Case& c, std::int64_t channels, std::int64_t filters, const ConvolutionGeometry& geometry) {
  const Tensor x = c.input("x", {2, channels, 7, 6}), w = c.variable("w", {filters, channels / geometry.groups, 3, 3});
  const Tensor y = conv2d(x, w, geometry);
  const Tensor dy = c.input("dy", y.shape());
  c.output("y", y);
  c.output("dx", conv2d_backward_data(dy, w, geometry, {7, 6}));
  c.output("dw", conv2d_backward_weights(x, dy, geometry, {3, 3}));
}

}  // namespace

TEST_CASE("a number is rounded to the nearest of bf16 or tf32, and of two to the even one") {
  const Philox random(11, stream_of("patterns"));
  for (std::uint64_t i = 0; i < 20000; ++i) {
    const auto number = static_cast<float>((random.uniform(2 * i) - 0.5) * std::exp2(40.0 * random.uniform(2 * i + 1) - 20.0));
    REQUIRE(from_bf16(to_bf16(number)) == static_cast<float>(rounded(number, Arithmetic::bf16)));
    REQUIRE(to_tf32(number) == static_cast<float>(rounded(number, Arithmetic::tf32)));
  }
  CHECK(from_bf16(to_bf16(1.0F + 0x1p-8F)) == 1.0F);              // half way: 1 is even
  CHECK(from_bf16(to_bf16(1.0F + 0x3p-8F)) == 1.0F + 0x1p-6F);    // half way: up
  CHECK(from_bf16(to_bf16(-3.4e38F)) == -INFINITY);               // beyond the largest, as round-to-nearest has it
  CHECK(from_bf16(to_bf16(INFINITY)) == INFINITY);
  CHECK(std::isnan(from_bf16(to_bf16(std::nanf("")))));
  CHECK(std::isnan(to_tf32(std::nanf("1"))));
}

TEST_CASE("cuBLASLt is asked for true f32, tf32, or operands in bf16") {
  const Arithmetic arithmetic = GENERATE(Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16);
  Case c;
  c.output("y", matmul(c.input("a", {64, 100}), c.variable("w", {10, 100}), false, true));
  c.program.set_arithmetic(arithmetic);
  const Program program = for_tensor_cores(c.program);
  const std::vector<LibraryStep> steps = library_steps(program);
  REQUIRE(steps.size() == 1);
  const Multiply multiply = arithmetic == Arithmetic::exact ? Multiply::f32 : arithmetic == Arithmetic::tf32 ? Multiply::tf32 : Multiply::bf16;
  CHECK(matmul_choice(program, steps[0]) == MatmulChoice{multiply, 64, 10, 100, 1, false, true, Epilogue::none, {}, {}});
  CHECK(count(program, "bf16_copy") == (arithmetic == Arithmetic::bf16 ? 2 : 0));
}

TEST_CASE("products side by side are a batch, and f64 stays f64") {
  Program program("batch");
  const Tensor a(program, program.add_input("a", {DType::f64, {3, 4, 16, 7}})), b(program, program.add_input("b", {DType::f64, {3, 4, 16, 9}}));
  program.add_output("y", matmul(a, b, true, false).id());
  CHECK(matmul_choice(program, library_steps(program)[0]) == MatmulChoice{Multiply::f64, 7, 9, 16, 12, true, false, Epilogue::none, {}, {}});
}

TEST_CASE("cuBLASLt adds a bias and takes relu where nobody else reads what is between") {
  Case c;
  const Tensor x = c.input("x", {8, 5}), w = c.variable("w", {5, 12}), bias = c.variable("bias", {12});
  const std::string variant = GENERATE("bias and relu", "bias", "relu", "product is an output", "sum is read twice", "sigmoid");
  INFO(variant);
  const Tensor product = matmul(x, w);
  const Tensor sum = variant == "relu" ? product : bias_add(product, bias);
  if (variant == "product is an output") c.output("product", product);
  if (variant == "sum is read twice") c.output("other", exp(sum));
  c.output("y", variant == "bias" ? sum : variant == "sigmoid" ? sigmoid(sum) : relu(sum));
  const std::vector<LibraryStep> steps = library_steps(c.program);
  REQUIRE(steps.size() == 1);
  const MatmulChoice choice = matmul_choice(c.program, steps[0]);
  const Epilogue expected = variant == "bias and relu"          ? Epilogue::bias_relu
                            : variant == "relu"                 ? Epilogue::relu
                            : variant == "product is an output" ? Epilogue::none
                                                                : Epilogue::bias;
  CHECK(choice.epilogue == expected);
  CHECK(choice.bias.has_value() == (expected == Epilogue::bias_relu || expected == Epilogue::bias));
  if (choice.bias) CHECK(steps[0].operands[*choice.bias] == bias.id());
  CHECK(steps[0].results.size() == 1);
}

TEST_CASE("cuBLASLt sums a bias' gradient along with the weights' in exact arithmetic, where nobody wants it before") {
  const Arithmetic arithmetic = GENERATE(Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16);
  const bool wanted_before = GENERATE(false, true);
  Case c;
  const Tensor x = c.input("x", {8, 5}), dy = c.input("dy", {8, 12});
  const Tensor sums = channel_sum(dy);
  if (wanted_before) c.output("early", exp(sums));
  c.output("dw", matmul(x, dy, true, false));
  c.output("db", sums);
  c.program.set_arithmetic(arithmetic);
  const Program program = for_tensor_cores(c.program);
  const std::vector<LibraryStep> steps = library_steps(program);
  const MatmulChoice choice = matmul_choice(program, steps[0]);
  const bool along = arithmetic == Arithmetic::exact && !wanted_before;
  CHECK(choice.epilogue == (along ? Epilogue::bias_gradient : Epilogue::none));
  CHECK(choice.bias_gradient == (along ? std::optional<std::size_t>(1) : std::nullopt));
}

TEST_CASE("cuDNN computes true f32 on images as they lie, and on tensor cores with channels last") {
  const Arithmetic arithmetic = GENERATE(Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16);
  const ConvolutionGeometry geometry{.strides = {2, 1}, .padding = {1, 1, 0, 0}, .dilations = {1, 2}};
  Case c;
  add_convolution(c, 8, 12, geometry);
  c.program.set_arithmetic(arithmetic);
  const Program program = for_tensor_cores(c.program);
  const std::vector<LibraryStep> steps = library_steps(program);
  REQUIRE(steps.size() == 3);
  const bool exact = arithmetic == Arithmetic::exact;
  ConvolutionChoice expected{.multiply = exact ? Multiply::f32 : Multiply::tf32, .channels_last = !exact, .x = {2, 8, 7, 6}, .weights = {12, 8, 3, 3},
                             .y = {2, 12, 4, 2}, .padding = {1, 0}, .strides = {2, 1}, .dilations = {1, 2}, .groups = 1, .epilogue = Epilogue::none, .bias = {}};
  for (const Direction direction : {Direction::forward, Direction::backward_data, Direction::backward_weights}) {
    expected.direction = direction;
    CHECK(convolution_choice(program, steps[static_cast<std::size_t>(direction)]) == expected);
  }
  // x, w and dy once each, and three results back
  CHECK(count(program, "transpose") == (exact ? 0 : 6));
  CHECK(count(program, "round_to_bf16") == (arithmetic == Arithmetic::bf16 ? 3 : 0));
}

TEST_CASE("convolutions whose channels don't fill tensor cores stay as they lie") {
  const auto [channels, filters, groups] = GENERATE(std::tuple{1, 8, 1}, std::tuple{8, 8, 2}, std::tuple{8, 10, 1});
  Case c;
  add_convolution(c, channels, filters, {.groups = groups});
  c.program.set_arithmetic(Arithmetic::bf16);
  const Program program = for_tensor_cores(c.program);
  for (const LibraryStep& step : library_steps(program)) {
    const ConvolutionChoice choice = convolution_choice(program, step);
    CHECK_FALSE(choice.channels_last);
    CHECK(choice.multiply == Multiply::tf32);
    CHECK(choice.groups == groups);
  }
  CHECK(count(program, "round_to_bf16") == 3);
}

TEST_CASE("cuDNN adds a bias and takes relu in the same call, in every arithmetic") {
  const Arithmetic arithmetic = GENERATE(Arithmetic::exact, Arithmetic::tf32, Arithmetic::bf16);
  const bool rectified = GENERATE(true, false);
  Case c;
  const Tensor sum = bias_add(conv2d(c.input("x", {2, 4, 6, 6}), c.variable("w", {8, 4, 3, 3})), c.variable("bias", {8}));
  c.output("y", rectified ? relu(sum) : sum);
  c.program.set_arithmetic(arithmetic);
  const Program program = for_tensor_cores(c.program);
  const std::vector<LibraryStep> steps = library_steps(program);
  REQUIRE(steps.size() == 1);
  const ConvolutionChoice choice = convolution_choice(program, steps[0]);
  CHECK(choice.epilogue == (rectified ? Epilogue::bias_relu : Epilogue::none));
  CHECK(choice.bias.has_value() == rectified);
  if (rectified) CHECK(steps[0].operands[*choice.bias] == *program.find_variable("bias"));
}

TEST_CASE("what a convolution leaves with channels last is read so by the next, and turned back only for others") {
  const Arithmetic arithmetic = GENERATE(Arithmetic::tf32, Arithmetic::bf16);
  const bool read_by_others = GENERATE(false, true);
  Case c;
  const Tensor h = relu(bias_add(conv2d(c.input("x", {2, 4, 8, 8}), c.variable("w1", {8, 4, 3, 3})), c.variable("bias", {8})));
  c.output("y", conv2d(h, c.variable("w2", {4, 8, 3, 3})));
  if (read_by_others) c.output("h", h);
  c.program.set_arithmetic(arithmetic);
  const Program program = for_tensor_cores(c.program);
  program.verify();
  CHECK(count(program, "transpose") == (read_by_others ? 5 : 4));  // x, w1, w2, y; and h
  CHECK(count(program, "round_to_bf16") == (arithmetic == Arithmetic::bf16 ? 4 : 0));
  const auto session = open_stand_in();
  const auto executable = session->compile(c.program);
  write(*session, c.program, c.given);
  const Arrays found = run(*executable, c.given);
  require_near(found.at("y"), evaluate(c.program, c.given).at("y"), arithmetic == Arithmetic::bf16 ? 1e-2 : 1e-3);
}

TEST_CASE("inputs, variables, outputs and assignments stay, and a value is copied once for all products") {
  Case c;
  const Tensor x = c.input("x", {4, 6}), w = c.variable("w", {6, 6});
  const Tensor h = matmul(x, w);
  c.output("y", matmul(h, w));
  c.output("z", matmul(h, w, false, true));
  c.assign(w, w * 0.5);
  c.program.set_arithmetic(Arithmetic::bf16);
  const Program program = for_tensor_cores(c.program);
  program.verify();
  CHECK(program.arithmetic() == Arithmetic::bf16);
  CHECK(program.inputs().size() == 1);
  CHECK(program.variables().size() == 1);
  CHECK(program.find_output("y") == 0);
  CHECK(program.find_output("z") == 1);
  CHECK(program.assignments().size() == 1);
  CHECK(count(program, "bf16_copy") == 3);  // x, w, h
  CHECK(for_tensor_cores(Program("nothing")).nodes().empty());
}

TEST_CASE("on the stand-in products are those of rounded operands") {
  const Arithmetic arithmetic = GENERATE(Arithmetic::tf32, Arithmetic::bf16);
  SECTION("matmul") {
    const bool ta = GENERATE(false, true), tb = GENERATE(false, true);
    Case c;
    c.output("y", matmul(c.input("a", ta ? Shape{33, 7} : Shape{7, 33}), c.variable("b", tb ? Shape{9, 33} : Shape{33, 9}), ta, tb));
    check_rounding(c, arithmetic);
  }
  SECTION("products side by side") {
    Case c;
    c.output("y", matmul(c.input("a", {2, 3, 5, 40}), c.input("b", {2, 3, 40, 7})));
    check_rounding(c, arithmetic);
  }
  SECTION("with bias and relu") {
    Case c;
    c.output("y", relu(bias_add(matmul(c.input("x", {5, 90}), c.variable("w", {90, 20})), c.variable("bias", {20}))));
    check_rounding(c, arithmetic);
  }
  SECTION("convolutions with channels last") {
    Case c;
    add_convolution(c, 8, 4, {.strides = {1, 2}, .padding = {1, 1, 1, 1}});
    check_rounding(c, arithmetic);
  }
  SECTION("convolutions as they lie") {
    Case c;
    add_convolution(c, 6, 6, {.padding = {1, 1, 1, 1}, .groups = 2});
    check_rounding(c, arithmetic);
  }
  SECTION("a convolution with bias and relu") {
    Case c;
    c.output("y", relu(bias_add(conv2d(c.input("x", {2, 4, 6, 6}), c.variable("w", {8, 4, 3, 3})), c.variable("bias", {8}))));
    check_rounding(c, arithmetic);
  }
}

TEST_CASE("a convolution with padding that differs on two sides is rounded to bf16 by its own kernel's operands") {
  Case c;
  add_convolution(c, 4, 4, {.padding = {1, 0, 1, 0}});
  check_rounding(c, Arithmetic::bf16);
}

TEST_CASE("every graph's steps can be planned in every precision") {
  for (const auto& entry : std::filesystem::directory_iterator(project_folder() + "/graphs")) {
    if (entry.path().extension() != ".toml") continue;
    INFO(entry.path().filename());
    const GraphSpec spec = read_graph(entry.path().string(), builtin_plugins(), {{"backend=reference"}});
    const Graph graph(spec, data_shape_of_project(spec), builtin_plugins());
    for (const Arithmetic arithmetic : {Arithmetic::tf32, Arithmetic::bf16}) {
      std::vector<Program> programs;
      programs.push_back(classifier_step(graph, 4).program);
      for (std::size_t i = 0; i < graph.decoders().size(); ++i) programs.push_back(decoder_step(graph, i, 4).program);
      programs.push_back(evaluation(graph, 4).program);
      for (Program& given : programs) {
        given.set_arithmetic(arithmetic);
        const Program program = for_tensor_cores(given);
        program.verify();
        const Plan plan = plan_of(program);
        for (const Step& step : plan.steps) {
          const auto* library = std::get_if<LibraryStep>(&step);
          if (library == nullptr) continue;
          const bool matmul = is_matmul(library->product());
          const Multiply multiply = matmul ? matmul_choice(program, *library).multiply : convolution_choice(program, *library).multiply;
          CHECK(multiply == (matmul && arithmetic == Arithmetic::bf16 ? Multiply::bf16 : Multiply::tf32));
        }
      }
    }
  }
}

#ifdef WITH_NVRTC
TEST_CASE("NVRTC compiles what rounds and copies operands") {
  Case c;
  add_convolution(c, 8, 4, {});
  c.output("z", matmul(c.input("a", {3, 4000}), c.input("b", {4000, 3})));
  c.program.set_arithmetic(Arithmetic::bf16);
  const Program program = for_tensor_cores(c.program);
  const Plan plan = plan_of(program);
  for (const char* architecture : {"sm_80", "sm_90", "compute_90"}) CHECK(compile_cuda(plan.source, architecture).size() > 1000);
}
#endif
