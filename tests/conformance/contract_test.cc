#include <algorithm>
#include <array>

#include "catch.h"
#include "generalizer/ops.h"
#include "target.h"

using namespace generalizer;
using namespace generalizer::test;

/// What sessions and executables refuse, and what they say of themselves.
namespace {

TensorType floating(Shape shape) { return {target().floating, std::move(shape)}; }

Program add_weights() {
  Program program("add weights");
  const Tensor x(program, program.add_input("x", floating({2, 3})));
  const Tensor w(program, program.add_variable("w", floating({2, 3})));
  program.add_output("y", add(x, w).id());
  return program;
}

void triple(const KernelContext& context) {
  dispatch_floating(context.inputs[0].type.dtype, [&]<class T>(T) {
    const T* x = context.inputs[0].as<const T>();
    std::transform(x, x + context.inputs[0].type.shape.elements(), context.outputs[0].as<T>(),
                   [](T e) { return 3 * e; });
  });
}

/// An op that no backend knows.
const OpDefinition& triple_op() {
  static const OpDefinition definition{.name = "triple_for_test",
                                       .summary = "3·x",
                                       .input_names = {"x"},
                                       .output_names = {"y"},
                                       .infer = [](const OpSignature& s) { return std::vector{s.inputs[0]}; },
                                       .gradient = {},
                                       .reference = triple,
                                       .flops = {},
                                       .in_place = {},
                                       .view = false,
                                       .workspaces = {}};
  return definition;
}

}  // namespace

TEST_CASE("A variable can't have two types in one session") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  session->declare_variable("w", floating({3, 2}));
  CHECK_NOTHROW(session->declare_variable("w", floating({3, 2})));
  CHECK_THROWS_WITH(session->compile(add_weights()), Catch::Contains("holds the variable \"w\"") &&
                                                         Catch::Contains("3×2]") && Catch::Contains("2×3]"));
  CHECK(session->variables().at("w") == floating({3, 2}));
}

TEST_CASE("A buffer of the wrong size is refused with both sizes") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  const auto executable = session->compile(add_weights());
  std::vector<std::byte> small(4);
  const std::string sizes = "has 4 bytes and must have " + std::to_string(floating({2, 3}).bytes());
  CHECK_THROWS_WITH(executable->set_input(0, small),
                    Catch::Contains("input 0 (\"x\"") && Catch::Contains(sizes));
  CHECK_THROWS_WITH(executable->get_output(0, small),
                    Catch::Contains("output 0 (\"y\"") && Catch::Contains(sizes));
  CHECK_THROWS_WITH(session->write_variable("w", small),
                    Catch::Contains("variable \"w\"") && Catch::Contains(sizes));
  CHECK_THROWS_WITH(session->read_variable("w", small),
                    Catch::Contains("variable \"w\"") && Catch::Contains(sizes));
  CHECK_THROWS_WITH(executable->set_input(1, small),
                    Catch::Contains("\"add weights\" has 1 inputs, so it has no input 1"));
  CHECK_THROWS_WITH(executable->get_output(7, small), Catch::Contains("no output 7"));
}

TEST_CASE("An unknown variable is refused with the nearest name") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  std::vector<std::byte> bytes(4);
  CHECK_THROWS_WITH(session->read_variable("w", bytes),
                    Catch::Contains("has no variable \"w\"") && Catch::Contains("declare it"));
  session->declare_variable("conv1/kernel", floating({3}));
  CHECK_THROWS_WITH(session->read_variable("conv1/kernal", bytes),
                    Catch::Contains("did you mean \"conv1/kernel\""));
}

TEST_CASE("A malformed program is refused before a backend sees it") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program = add_weights();
  program.rename(0, "w");  // the variable's name
  CHECK_THROWS_WITH(session->compile(program),
                    Catch::Contains("malformed") && Catch::Contains("\"w\" is used twice"));
}

TEST_CASE("An op that a backend does not know is run or refused by its name and place") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program("custom");
  const Tensor x(program, program.add_input("x", floating({2, 3})));
  program.set_scope("classifier/tripled");
  program.add_output("y", relu(generalizer::apply(triple_op(), std::array{relu(x)})).id());
  Arrays given = {{"x", Array(floating({2, 3}), {1, -2, 3, -4, 5, -6})}};
  try {
    const Array y = run(*session, program, given).at("y");  // not within CHECK, which would keep the refusal to itself
    CHECK(y == Array(floating({2, 3}), {3, 0, 9, 0, 15, 0}));
  } catch (const BackendError& error) {
    CHECK_THAT(error.what(), Catch::Contains("triple_for_test") && Catch::Contains("classifier/tripled"));
  }
}

TEST_CASE("A backend says what device it uses and how much memory a program takes") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  CHECK_FALSE(session->device().empty());
  Program program("memory");
  Tensor x(program, program.add_input("x", floating({64, 256})));
  for (int i = 0; i < 6; ++i) x = exp(affine(x, 0.5, 0.0)) + x;
  program.add_output("y", x.id());
  const MemoryReport report = session->compile(program)->memory();
  CHECK(report.arena >= floating({64, 256}).bytes());
  CHECK(report.unshared >= report.arena);
  CHECK(report.scratchpad >= 0);
}

TEST_CASE("Host buffers have the size that was asked for and can be written") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  const std::unique_ptr<HostBuffer> buffer = session->allocate_host(1000);
  REQUIRE(buffer->bytes().size() == 1000);
  std::fill(buffer->bytes().begin(), buffer->bytes().end(), std::byte{7});
  CHECK(buffer->bytes()[999] == std::byte{7});
}
