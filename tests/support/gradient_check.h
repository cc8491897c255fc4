#pragma once

#include <algorithm>
#include <cmath>
#include <numeric>

#include "catch.h"
#include "generalizer/random.h"
#include "support/evaluate.h"

/// Gradients against central finite differences in f64.
namespace generalizer::test {

/// Numbers of a fixed stream, uniform in [low, high).
inline Array random_array(Shape shape, std::uint64_t stream, double low = -1.0, double high = 1.0) {
  Array array({DType::f64, std::move(shape)});
  const Philox random(2024, stream);
  for (std::size_t i = 0; i < array.size(); ++i) array.set(i, low + (high - low) * random.uniform(i));
  return array;
}

/// As random_array in ±[margin, 1): no element lies where relu and its kin have no derivative.
inline Array random_off_zero(Shape shape, std::uint64_t stream, double margin = 0.05) {
  Array array = random_array(std::move(shape), stream);
  for (std::size_t i = 0; i < array.size(); ++i) {
    const double x = array.get(i);
    array.set(i, std::copysign(margin + (1.0 - margin) * std::abs(x), x));
  }
  return array;
}

/// Multiples of 0.1 in shuffled order, no two equal: a maximum is one element, and stays so under a small step.
inline Array random_distinct(Shape shape, std::uint64_t stream) {
  const Array keys = random_array(shape, stream);
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return keys.get(a) < keys.get(b); });
  Array array({DType::f64, std::move(shape)});
  for (std::size_t i = 0; i < order.size(); ++i) {
    array.set(order[i], 0.1 * (static_cast<double>(i) - static_cast<double>(order.size()) / 2.0));
  }
  return array;
}

/// d loss / d `input` is the program's output `gradient`.
struct GradientOutput {
  std::string input;
  std::string gradient;
};

/// A scalar made of the program's outputs and of what it was given.
using Loss = std::function<double(const Arrays& outputs)>;

/// Compares every element of every gradient with (loss(x + h) − loss(x − h)) / 2h, relative to the largest of the two
/// and 1.
inline void check_gradients(const Program& program, const Arrays& given, const Loss& loss,
                            const std::vector<GradientOutput>& gradients, double tolerance = 1e-7) {
  constexpr double step = 1e-5;
  const auto loss_at = [&](const std::string& name, std::size_t i, double x) {
    Arrays moved = given;
    moved.at(name).set(i, x);
    return loss(evaluate(program, moved));
  };
  const Arrays outputs = evaluate(program, Arrays(given));
  for (const GradientOutput& wanted : gradients) {
    const Array& operand = given.at(wanted.input);
    const Array& gradient = outputs.at(wanted.gradient);
    INFO("gradient by " << wanted.input << " " << to_string(operand.type()));
    REQUIRE(gradient.type() == operand.type());
    for (std::size_t i = 0; i < operand.size(); ++i) {
      const double x = operand.get(i);
      const double difference =
          (loss_at(wanted.input, i, x + step) - loss_at(wanted.input, i, x - step)) / (2.0 * step);
      const double scale = std::max({1.0, std::abs(difference), std::abs(gradient.get(i))});
      INFO("element " << i << " at " << x << ": derived " << gradient.get(i) << ", by differences "
                      << difference);
      REQUIRE(std::abs(gradient.get(i) - difference) <= tolerance * scale);
    }
  }
}

/// The loss is the program's scalar output of that name.
inline void check_gradients(const Program& program, const Arrays& given, const std::string& loss,
                            const std::vector<GradientOutput>& gradients, double tolerance = 1e-7) {
  check_gradients(
      program, given, [&](const Arrays& outputs) { return outputs.at(loss).get(0); }, gradients, tolerance);
}

struct OpGradientCheck {
  double tolerance = 1e-7;
  /// Operands that the rule must give a gradient, and no others; empty: all of floating type.
  std::vector<std::size_t> differentiable = {};
  /// Results that gradients come back through.
  std::vector<std::size_t> through = {0};
};

/// Checks the gradient rule of the one node that `build` appends, its floating operands being f64. The loss is the
/// sum of all elements of the results that gradients come back through, each times a fixed random number, which is
/// thereby that element's gradient. Also checks that the rule derives nothing that is not wanted.
inline void check_op_gradient(const std::vector<Array>& operands, const Build& build,
                              const OpGradientCheck& options = {}) {
  Program program("gradient check");
  const std::vector<Tensor> inputs = add_operands(program, operands);
  const std::vector<Tensor> results = build(inputs);
  REQUIRE(program.nodes().size() == 1);
  const Node node = program.node(0);  // a copy: the rule appends nodes
  INFO("the gradient rule of " << node.op->name);
  REQUIRE(node.op->gradient);

  std::vector<bool> differentiable(inputs.size(), false);
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    differentiable[i] = options.differentiable.empty()
                            ? is_floating(inputs[i].dtype())
                            : std::count(options.differentiable.begin(), options.differentiable.end(), i) > 0;
  }
  const std::vector<std::size_t>& through = options.through;
  Arrays given = bind_operands(operands);
  GradientContext context{program,       node, inputs, results, std::vector<Tensor>(results.size()),
                          differentiable};
  for (const std::size_t k : through) {
    const std::string seed = "seed" + std::to_string(k);
    context.output_gradients[k] = Tensor(program, program.add_input(seed, results[k].type()));
    given[seed] = random_array(results[k].shape(), 1000 + k);
    program.add_output("result" + std::to_string(k), results[k].id());
  }

  std::vector<GradientOutput> outputs;
  const std::vector<Tensor> gradients = node.op->gradient(context);
  REQUIRE(gradients.size() == inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    INFO("operand " << i << ", " << node.op->input_names.at(std::min(i, node.op->input_names.size() - 1)));
    REQUIRE(gradients[i].defined() == differentiable[i]);
    if (!gradients[i].defined()) continue;
    program.add_output("gradient" + std::to_string(i), gradients[i].id());
    outputs.push_back({"x" + std::to_string(i), "gradient" + std::to_string(i)});

    GradientContext alone = context;
    alone.wanted.assign(inputs.size(), false);
    alone.wanted[i] = true;
    const std::vector<Tensor> only = node.op->gradient(alone);
    for (std::size_t j = 0; j < inputs.size(); ++j) REQUIRE(only[j].defined() == (i == j));
  }
  program.verify();

  // The loss stands outside the program, so that the check rests on no other op.
  const auto loss = [&](const Arrays& found) {
    double sum = 0.0;
    for (const std::size_t k : through) {
      const Array& seed = given.at("seed" + std::to_string(k));
      const Array& result = found.at("result" + std::to_string(k));
      for (std::size_t e = 0; e < seed.size(); ++e) sum += result.get(e) * seed.get(e);
    }
    return sum;
  };
  check_gradients(program, given, loss, outputs, options.tolerance);
}

}  // namespace generalizer::test
