#include "cases.h"
#include "catch.h"
#include "generalizer/random.h"

using namespace generalizer;
using namespace generalizer::test;

/// Variables live in the session: between runs, between programs, and in whatever layout the backend likes.
namespace {

TensorType floating(Shape shape) { return {target().floating, std::move(shape)}; }

Array uniform(Shape shape, std::uint64_t stream) {
  Array array(floating(std::move(shape)));
  const Philox philox(21, stream);
  for (std::size_t i = 0; i < array.size(); ++i) array.set(i, philox.uniform(i) - 0.5);
  return array;
}

Tensor input(Program& program, const std::string& name, const TensorType& type) {
  return {program, program.add_input(name, type)};
}
Tensor variable(Program& program, const std::string& name, const TensorType& type) {
  return {program, program.add_variable(name, type)};
}

const ConvolutionGeometry same{{1, 1}, {1, 1, 1, 1}, {1, 1}, 1};

/// y = conv2d(x, weights) for a batch of 17-channel images; the weights are a variable.
Program convolve(std::int64_t batch) {
  Program program("convolve " + std::to_string(batch));
  const Tensor x = input(program, "x", floating({batch, 17, 6, 5}));
  const Tensor weights = variable(program, "weights", floating({33, 17, 3, 3}));
  program.add_output("y", conv2d(x, weights, same).id());
  return program;
}

/// One step of gradient descent on those weights.
Program descend(std::int64_t batch) {
  Program program("descend " + std::to_string(batch));
  const Tensor x = input(program, "x", floating({batch, 17, 6, 5}));
  const Tensor dy = input(program, "dy", floating({batch, 33, 6, 5}));
  const Tensor weights = variable(program, "weights", floating({33, 17, 3, 3}));
  const Tensor gradient = conv2d_backward_weights(x, dy, same, {3, 3});
  const Tensor rate = fill(program, floating({}), 0.125);
  const Tensor gate = fill(program, floating({}), 1.0);
  program.assign(weights.id(), sgd_update(weights, gradient, rate, gate).id());
  return program;
}

}  // namespace

TEST_CASE("A variable that nobody has written holds zeros") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  session->declare_variable("declared", floating({3, 5}));
  CHECK(read(*session, "declared") == Array(floating({3, 5})));
  const std::unique_ptr<Executable> executable = session->compile(convolve(1));
  CHECK(read(*session, "weights") == Array(floating({33, 17, 3, 3})));
}

TEST_CASE("A variable reads back as it was written, before and after a program has taken it") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  std::vector<std::pair<std::string, Array>> all = {
      {"scalar", uniform({}, 1)},           {"vector", uniform({7}, 2)},
      {"matrix", uniform({17, 33}, 3)},     {"weights", uniform({33, 17, 3, 3}, 4)},
      {"counter", i64({}, {5000000000.0})}, {"labels", i32({3}, {-1, 0, 7})},
      {"sum", f64({}, {123456.789012345})}, {"bytes", u8({2, 2}, {0, 1, 254, 255})}};
  for (const auto& [name, array] : all) {
    session->declare_variable(name, array.type());
    write(*session, name, array);
  }
  for (const auto& [name, array] : all) CHECK(read(*session, name) == array);
  const std::unique_ptr<Executable> executable =
      session->compile(convolve(2));  // may lay the weights out as it likes
  for (const auto& [name, array] : all) CHECK(read(*session, name) == array);
  all[3].second = uniform({33, 17, 3, 3}, 5);
  write(*session, "weights", all[3].second);
  for (const auto& [name, array] : all) CHECK(read(*session, name) == array);
}

TEST_CASE("A variable is one and the same in programs of different batch sizes, whichever runs first") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  const auto large = session->compile(convolve(5));
  const auto step = session->compile(descend(4));
  const auto small = session->compile(convolve(1));
  Arrays given = {{"weights", uniform({33, 17, 3, 3}, 1)}};
  write(*session, "weights", given["weights"]);
  for (std::uint64_t round = 0; round < 3; ++round) {
    INFO("round " << round);
    given["x"] = uniform({4, 17, 6, 5}, 10 + round);
    given["dy"] = uniform({4, 33, 6, 5}, 20 + round);
    run(*step, given);
    evaluate(descend(4), given);
    require_agreement(read(*session, "weights"), given["weights"], target().tolerance);
    for (const std::int64_t batch : {5, 1}) {
      given["x"] = uniform({batch, 17, 6, 5}, 30 + round);
      const Arrays found = run(batch == 5 ? *large : *small, given);
      require_agreement(found.at("y"), evaluate(convolve(batch), given).at("y"), target().tolerance);
    }
  }
}

TEST_CASE("A program compiled after a variable has been trained sees it as it is") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Arrays given = {{"weights", uniform({33, 17, 3, 3}, 1)},
                  {"x", uniform({2, 17, 6, 5}, 2)},
                  {"dy", uniform({2, 33, 6, 5}, 3)}};
  run(*session, descend(2), given);
  Program program("flatten");
  const Tensor weights = variable(program, "weights", floating({33, 17, 3, 3}));
  program.add_output("rows", reshape(weights, {33, 153}).id());
  program.add_output("turned", transpose(weights, {1, 2, 3, 0}).id());
  const Arrays found = run(*session, program, given);
  const Arrays right = evaluate(program, given);
  CHECK(found.at("rows") == right.at("rows"));
  CHECK(found.at("turned") == right.at("turned"));
}

TEST_CASE("Two variables swap their values, and three hand them round") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Arrays given;
  Program program("rotate");
  const auto declare = [&](const std::string& name, std::uint64_t stream) {
    given[name] = uniform({3, 5}, stream);
    return variable(program, name, floating({3, 5})).id();
  };
  const ValueId a = declare("a", 1), b = declare("b", 2), x = declare("x", 3), y = declare("y", 4),
                z = declare("z", 5);
  for (const auto& [to, from] :
       {std::pair{a, b}, std::pair{b, a}, std::pair{x, y}, std::pair{y, z}, std::pair{z, x}}) {
    program.assign(to, from);
  }
  const Arrays before = given;
  run(*session, program, given);
  for (const auto& [to, from] : {std::pair{"a", "b"}, std::pair{"b", "a"}, std::pair{"x", "y"},
                                 std::pair{"y", "z"}, std::pair{"z", "x"}}) {
    INFO(to << " takes the value of " << from);
    CHECK(given.at(to) == before.at(from));
  }
}

TEST_CASE("Every node and every output sees a variable as it was when the run began") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program("update and read");
  const Tensor x = variable(program, "x", floating({4}));
  const Tensor other = variable(program, "other", floating({4}));
  const Tensor grown = affine(x, 2.0, 1.0);
  program.assign(x.id(), grown.id());
  program.assign(other.id(), x.id());
  program.add_output("old", x.id());
  program.add_output("new", grown.id());
  program.add_output("sum", add(x, other).id());
  Arrays given = {{"x", Array(floating({4}), {1, 2, 3, 4})},
                  {"other", Array(floating({4}), {10, 20, 30, 40})}};
  const Arrays first = run(*session, program, given);
  CHECK(first.at("old") == Array(floating({4}), {1, 2, 3, 4}));
  CHECK(first.at("new") == Array(floating({4}), {3, 5, 7, 9}));
  CHECK(first.at("sum") == Array(floating({4}), {11, 22, 33, 44}));
  CHECK(given.at("x") == Array(floating({4}), {3, 5, 7, 9}));
  CHECK(given.at("other") == Array(floating({4}), {1, 2, 3, 4}));
}

TEST_CASE("A variable takes the value of an input, of a constant and of itself") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program("assign");
  const Tensor x = input(program, "x", floating({2, 3}));
  program.assign(program.add_variable("given", floating({2, 3})), x.id());
  program.assign(program.add_variable("viewed", floating({6})), reshape(x, {6}).id());
  program.assign(program.add_variable("constant", floating({2})), fill(program, floating({2}), 0.5).id());
  const ValueId kept = program.add_variable("kept", floating({3}));
  program.assign(kept, kept);
  Arrays given = {{"x", uniform({2, 3}, 1)}, {"kept", uniform({3}, 2)}};
  const Arrays before = given;
  run(*session, program, given);
  CHECK(given.at("given") == before.at("x"));
  CHECK(given.at("viewed").numbers() == before.at("x").numbers());
  CHECK(given.at("constant") == Array(floating({2}), {0.5, 0.5}));
  CHECK(given.at("kept") == before.at("kept"));
}

TEST_CASE("Adam moves convolution weights and their moments together, and a shut gate moves nothing") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  const TensorType type = floating({17, 3, 3, 3});
  Program program("adam");
  const Tensor x = input(program, "x", floating({2, 3, 6, 6}));
  const Tensor dy = input(program, "dy", floating({2, 17, 6, 6}));
  const Tensor gate = input(program, "gate", floating({}));
  const Tensor w = variable(program, "w", type), m = variable(program, "m", type),
               v = variable(program, "v", type);
  const Tensor steps = variable(program, "steps", {DType::i64, {}});
  const Tensor gradient = conv2d_backward_weights(x, dy, same, {3, 3}) +
                          conv2d_backward_weights(x, conv2d(x, w, same), same, {3, 3});
  const Tensor next = increment(steps, gate);
  const auto updated =
      adam_update(w, gradient, m, v, next, fill(program, floating({}), 0.01), gate, 0.9, 0.999, 1e-7);
  program.assign(w.id(), updated[0].id());
  program.assign(m.id(), updated[1].id());
  program.assign(v.id(), updated[2].id());
  program.assign(steps.id(), next.id());

  const auto executable = session->compile(program);
  Arrays given = {
      {"w", uniform({17, 3, 3, 3}, 1)}, {"m", Array(type)}, {"v", Array(type)}, {"steps", i64({}, {0})}};
  write(*session, "w", given["w"]);
  for (std::uint64_t round = 0; round < 4; ++round) {
    INFO("round " << round);
    given["x"] = uniform({2, 3, 6, 6}, 10 + round);
    given["dy"] = uniform({2, 17, 6, 6}, 20 + round);
    given["gate"] = Array(floating({}), {round == 2 ? 0.0 : 1.0});
    const Array before = read(*session, "w");
    run(*executable, given);
    evaluate(program, given);
    for (const char* name : {"w", "m", "v", "steps"}) {
      INFO(name);
      require_agreement(read(*session, name), given.at(name),
                        10 * target().tolerance);  // errors add up over the steps
    }
    CHECK((read(*session, "w") == before) == (round == 2));
  }
  CHECK(read(*session, "steps").get(0) == 3.0);
}

TEST_CASE("The same run twice gives the same bytes") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  CaseBuilder b(target().floating);
  const Tensor x = b.uniform({5, 3, 13, 13});
  const Tensor kernel = b.uniform({17, 3, 3, 3});
  const Tensor weights = b.uniform({17 * 6 * 6, 10});
  const Tensor y = max_pool2d(relu(conv2d(x, kernel, same)), {})[0];
  b.output(y);
  b.output_gradients(b.loss(matmul(reshape(y, {5, 17 * 6 * 6}), weights)), {x, kernel, weights});
  const auto executable = session->compile(b.program());
  const Arrays first = run(*executable, b.given());
  CHECK(run(*executable, b.given()) == first);
  Arrays others = b.given();
  others["x0"] = uniform({5, 3, 13, 13}, 77);
  CHECK(run(*executable, others) != first);
  CHECK(run(*executable, b.given()) == first);
  CHECK(run(*session->compile(b.program()), b.given()) == first);
}

TEST_CASE("An output stays as it was when inputs, variables and other programs change") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program("show");
  const Tensor x = input(program, "x", floating({3}));
  const Tensor w = variable(program, "w", floating({3}));
  program.add_output("x", x.id());
  program.add_output("w", w.id());
  program.add_output("sum", add(x, w).id());
  Arrays given = {{"x", Array(floating({3}), {1, 2, 3})}, {"w", Array(floating({3}), {10, 20, 30})}};
  const auto executable = session->compile(program);
  write(*session, "w", given["w"]);
  run(*executable, given);
  const Array zeros(floating({3}));
  executable->set_input(0, zeros.bytes());
  write(*session, "w", zeros);
  run(*session, convolve(2), given = {{"x", uniform({2, 17, 6, 5}, 1)}});
  const auto shown = [&](std::size_t index) {
    Array array(floating({3}));
    executable->get_output(index, {static_cast<std::byte*>(array.host().data), array.bytes().size()});
    return array.numbers();
  };
  CHECK(shown(0) == std::vector<double>{1, 2, 3});
  CHECK(shown(1) == std::vector<double>{10, 20, 30});
  CHECK(shown(2) == std::vector<double>{11, 22, 33});
}

TEST_CASE("An input stays set until it is set again") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program("count");
  const Tensor x = input(program, "x", floating({2}));
  const Tensor total = variable(program, "total", floating({2}));
  program.assign(total.id(), add(total, relu(x)).id());
  const auto executable = session->compile(program);
  executable->set_input(0, Array(floating({2}), {1, 2}).bytes());
  for (int i = 0; i < 3; ++i) executable->run();
  CHECK(read(*session, "total") == Array(floating({2}), {3, 6}));
}

TEST_CASE("Batch statistics and sums keep up over steps") {
  const std::unique_ptr<Session> session = open_session();
  if (session == nullptr) return;
  Program program("statistics");
  const Tensor x = input(program, "x", floating({4, 17, 5, 5}));
  const Tensor mean = variable(program, "mean", floating({17}));
  const Tensor sum = variable(program, "sum", {DType::f64, {}});
  const auto normal =
      batch_norm(conv2d(x, variable(program, "kernel", floating({17, 17, 1, 1}))),
                 fill(program, floating({17}), 1.0), fill(program, floating({17}), 0.0), 1e-3);
  program.assign(mean.id(), (mean * 0.9 + normal[1] * 0.1).id());
  program.assign(sum.id(), accumulate(sum, reduce_mean(square(normal[0]), {}), 4.0).id());
  const auto executable = session->compile(program);
  Arrays given = {
      {"kernel", uniform({17, 17, 1, 1}, 1)}, {"mean", Array(floating({17}))}, {"sum", f64({}, {0})}};
  write(*session, "kernel", given["kernel"]);
  for (std::uint64_t round = 0; round < 5; ++round) {
    given["x"] = uniform({4, 17, 5, 5}, 10 + round);
    run(*executable, given);
    evaluate(program, given);
  }
  require_agreement(read(*session, "mean"), given["mean"], target().tolerance);
  require_agreement(read(*session, "sum"), given["sum"], target().tolerance);
}
