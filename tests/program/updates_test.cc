#include <limits>

#include "generalizer/ops.h"
#include "golden.h"
#include "places.h"
#include "support/gradient_check.h"

using namespace generalizer;
using namespace generalizer::test;

namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();

const Build sgd = [](auto& x) { return std::vector{sgd_update(x[0], x[1], x[2], x[3])}; };
Build momentum(double factor, bool nesterov) {
  return [=](auto& x) { return momentum_update(x[0], x[1], x[2], x[3], x[4], factor, nesterov); };
}
Build adam(double beta1, double beta2, double epsilon) {
  return
      [=](auto& x) { return adam_update(x[0], x[1], x[2], x[3], x[4], x[5], x[6], beta1, beta2, epsilon); };
}

/// The new weight after one step of the update that a sequence of ops.json names; the moments become the new ones.
Array step_of(const nlohmann::json& sequence, const Array& weight, const Array& gradient,
              std::vector<Array>& moments, std::int64_t step, const Array& rate) {
  const Array gate = Array({rate.type().dtype, {}}, {1});
  const Attributes attributes = attributes_of(sequence.at("attributes"));
  if (sequence.at("op") == "sgd_update") return compute({weight, gradient, rate, gate}, sgd)[0];
  if (sequence.at("op") == "momentum_update") {
    const auto found = compute({weight, gradient, moments[0], rate, gate},
                               momentum(attributes.number("momentum"), attributes.integer("nesterov") != 0));
    moments[0] = found[1];
    return found[0];
  }
  REQUIRE(sequence.at("op") == "adam_update");
  const auto found =
      compute({weight, gradient, moments[0], moments[1], i64({}, {static_cast<double>(step)}), rate, gate},
              adam(attributes.number("beta1"), attributes.number("beta2"), attributes.number("epsilon")));
  moments = {found[1], found[2]};
  return found[0];
}

}  // namespace

TEST_CASE("optimiser updates agree with PyTorch's optimisers over several steps") {
  std::ifstream file(project_folder() + "/tests/golden/ops.json");
  const nlohmann::json golden = nlohmann::json::parse(file);
  REQUIRE(golden.at("sequences").size() >= 6);
  for (const auto& [floating, tolerance] : {std::pair{DType::f64, 1e-13}, std::pair{DType::f32, 1e-6}}) {
    for (const nlohmann::json& sequence : golden.at("sequences")) {
      INFO(sequence.at("op") << " " << sequence.at("attributes").dump() << " in " << name_of(floating));
      Array weight = array_in(floating, sequence.at("weight"));
      const Array rate({floating, {}}, {sequence.at("learning_rate").get<double>()});
      std::vector<Array> moments(2, Array(weight.type()));
      for (std::size_t i = 0; i < sequence.at("gradients").size(); ++i) {
        INFO("step " << i + 1);
        weight = step_of(sequence, weight, array_in(floating, sequence.at("gradients").at(i)), moments,
                         static_cast<std::int64_t>(i) + 1, rate);
        require_close(weight, array_in(floating, sequence.at("weights").at(i)), tolerance);
      }
    }
  }
}

TEST_CASE("adam's first step is the learning rate against the gradient's sign, by hand") {
  // m' = 0.1·g, m'/(1 − 0.9) = g; v' = 0.001·g², v'/(1 − 0.999) = g²; g/(|g| + ε) = ±1 for ε = 0.
  const auto found = compute({f64({2}, {1, 1}), f64({2}, {4, -0.5}), f64({2}, {0, 0}), f64({2}, {0, 0}),
                              i64({}, {1}), f64({}, {0.25}), f64({}, {1})},
                             adam(0.9, 0.999, 0.0));
  require_close(found[0], f64({2}, {0.75, 1.25}), 1e-14);
  require_close(found[1], f64({2}, {0.4, -0.05}), 1e-14);
  require_close(found[2], f64({2}, {0.016, 0.00025}), 1e-12);
}

TEST_CASE("a closed gate leaves weights and moments to the bit, whatever the gradient") {
  for (const DType dtype : {DType::f32, DType::f64}) {
    const auto array = [&](std::vector<double> numbers) { return Array({dtype, {3}}, numbers); };
    const auto number = [&](double x) { return Array({dtype, {}}, {x}); };
    const Array weight = array({0.1, -0.0, not_a_number}), first = array({1e-3, 2, -3}),
                second = array({4, 5, 1e-9});
    const Array gradient = array({not_a_number, std::numeric_limits<double>::infinity(), 1});
    const Array rate = number(not_a_number), closed = number(0);

    CHECK(compute({weight, gradient, rate, closed}, sgd)[0] == weight);
    for (const bool nesterov : {false, true}) {
      const auto found = compute({weight, gradient, first, rate, closed}, momentum(0.9, nesterov));
      CHECK(found[0] == weight);
      CHECK(found[1] == first);
    }
    const auto found =
        compute({weight, gradient, first, second, i64({}, {0}), rate, closed}, adam(0.9, 0.999, 1e-8));
    CHECK(found[0] == weight);
    CHECK(found[1] == first);
    CHECK(found[2] == second);
    CHECK(compute({i64({}, {41}), closed}, [](auto& x) { return std::vector{increment(x[0], x[1])}; })[0] ==
          i64({}, {41}));
  }
}

TEST_CASE("increment counts by one past what f64 can hold") {
  Array counter({DType::i64, {}});
  *counter.host().as<std::int64_t>() = (std::int64_t{1} << 53) + 1;
  Array expected = counter;
  *expected.host().as<std::int64_t>() += 1;
  CHECK(compute({counter, f32({}, {1})}, [](auto& x) { return std::vector{increment(x[0], x[1])}; })[0] ==
        expected);
}

TEST_CASE("select takes one value whole, and a NaN in the other does not matter") {
  const Build op = [](auto& x) { return std::vector{select(x[0], x[1], x[2])}; };
  const Array a = f32({2}, {1, 2}), b = f32({2}, {not_a_number, not_a_number});
  CHECK(compute({f32({}, {1}), a, b}, op)[0] == a);
  CHECK(compute({f32({}, {0}), b, a}, op)[0] == a);
  CHECK(compute({f32({}, {0}), i64({1}, {1}), i64({1}, {2})}, op)[0] == i64({1}, {2}));
}

TEST_CASE("select takes each element by a gate of its own, and no NaN that was not taken passes") {
  const Build op = [](auto& x) { return std::vector{select(x[0], x[1], x[2])}; };
  const Array a = f32({3}, {1, not_a_number, 3}), b = f32({3}, {not_a_number, 5, 6});
  CHECK(compute({f64({3}, {1, 0, -0.5}), a, b}, op)[0] == f32({3}, {1, 5, 3}));
  CHECK(compute({f32({1, 2}, {0, 1}), i64({1, 2}, {1, 2}), i64({1, 2}, {3, 4})}, op)[0] ==
        i64({1, 2}, {3, 2}));
}

TEST_CASE("the gradient of select is that of finite differences for every gate") {
  for (const Array& gate : {f64({}, {0}), f64({}, {1}), f64({3, 2}, {1, 0, 0, 1, 1, 0})}) {
    check_op_gradient({gate, random_array({3, 2}, 1), random_array({3, 2}, 2)},
                      [](auto& x) { return std::vector{select(x[0], x[1], x[2])}; },
                      {.differentiable = {1, 2}});
  }
}

TEST_CASE("accumulate adds up f32 values in f64") {
  const auto found = compute({f64({}, {16777216}), f32({}, {0.5})},
                             [](auto& x) { return std::vector{accumulate(x[0], x[1], 3.0)}; });
  CHECK(found[0] == f64({}, {16777217.5}));
}

TEST_CASE("updates refuse operands that don't fit") {
  const TensorType w{DType::f32, {3}}, scalar{DType::f32, {}}, step{DType::i64, {}};
  CHECK(refusal({w, {DType::f32, {4}}, scalar, scalar}, sgd) ==
        "sgd_update(f32[3], f32[4], f32[scalar], f32[scalar]): the gradient is 4 and must be 3, the shape of "
        "the "
        "weight");
  CHECK(
      refusal({w, w, w, w, scalar}, momentum(0.9, false)) ==
      "momentum_update(f32[3], f32[3], f32[3], f32[3], f32[scalar]): the learning rate is f32[3] and must be "
      "f32[scalar]");
  CHECK(refusal({w, w, w, w, scalar, scalar, scalar}, adam(0.9, 0.999, 1e-8)) ==
        "adam_update(f32[3], f32[3], f32[3], f32[3], f32[scalar], f32[scalar], f32[scalar]): the step is "
        "f32[scalar] and must be i64[scalar]");
  CHECK(refusal({{DType::i32, {}}, scalar}, [](auto& x) { return std::vector{increment(x[0], x[1])}; }) ==
        "increment(i32[scalar], f32[scalar]): the counter is i32[scalar] and must be i64[scalar]");
  CHECK(refusal({step, w, w}, [](auto& x) { return std::vector{select(x[0], x[1], x[2])}; }) ==
        "select(i64[scalar], f32[3], f32[3]): the gate is i64[scalar] and must be f32 or f64, one number or "
        "of the values' shape, 3");
  CHECK(refusal({{DType::f32, {1}}, w, w}, [](auto& x) { return std::vector{select(x[0], x[1], x[2])}; }) ==
        "select(f32[1], f32[3], f32[3]): the gate is f32[1] and must be f32 or f64, one number or of the "
        "values' shape, 3");
}

TEST_CASE("ops without a derivative have no gradient rule, so that asking for one names the op") {
  for (const char* name :
       {"greater_equal", "is_finite", "relu_backward", "softmax_backward", "random_uniform", "sgd_update",
        "momentum_update", "adam_update", "increment", "accumulate", "count_correct",
        "mean_squared_error_backward", "softmax_cross_entropy_backward"}) {
    INFO(name);
    const OpDefinition* op = find_builtin_op(name);
    REQUIRE(op != nullptr);
    CHECK_FALSE(op->gradient);
  }
}
