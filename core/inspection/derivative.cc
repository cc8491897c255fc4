#include "inspection/derivative.h"

#include <cstring>

#include "autodiff/autodiff.h"
#include "generalizer/op.h"
#include "passes/passes.h"
#include "passes/rewriter.h"

namespace generalizer {
namespace {

std::vector<std::byte> to_bytes(DType dtype, const std::vector<double>& numbers) {
  std::vector<std::byte> bytes(numbers.size() * size_of(dtype));
  dispatch_element(dtype, [&]<class T>(T) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      const T element = converted<T>(numbers[i]);
      std::memcpy(bytes.data() + i * sizeof(T), &element, sizeof(T));
    }
  });
  return bytes;
}

std::vector<double> to_numbers(DType dtype, const std::vector<std::byte>& bytes) {
  std::vector<double> numbers(bytes.size() / size_of(dtype));
  dispatch_element(dtype, [&]<class T>(T element) {
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      std::memcpy(&element, bytes.data() + i * sizeof(T), sizeof(T));
      numbers[i] = static_cast<double>(element);
    }
  });
  return numbers;
}

/// Σ outputs·weights; the weights become inputs "weight of y0", ….
Tensor weighted_sum(Built& built) {
  Tensor sum;
  Program& program = *built.program;
  program.set_scope("the test's loss");
  for (std::size_t i = 0; i < built.outputs.size(); ++i) {
    const Tensor& y = built.outputs[i];
    if (!is_floating(y.dtype())) throw Error(std::string("Its output is ") + name_of(y.dtype()) + ", not of a floating type.");
    const std::string name = "weight of y" + std::to_string(i);
    const Tensor weight(program, program.add_input(name, y.type()));
    built.values[name] = made_up(y.type(), name, 1);
    const Tensor own = reduce_sum(y * weight, {});
    sum = sum.defined() ? sum + own : own;
  }
  if (!sum.defined()) throw Error("It has no output of a floating type.");
  return sum;
}

/// "held 0", "held 1", …: what stop_gradient and scale_gradient take, in the order of the nodes.
std::vector<ValueId> held_back(const Program& program) {
  std::vector<ValueId> held;
  for (const Node& node : program.nodes()) {
    if (node.op->name == "stop_gradient" || node.op->name == "scale_gradient") held.push_back(node.inputs[0]);
  }
  return held;
}

std::string held_name(std::size_t index) { return "held " + std::to_string(index); }

}  // namespace

Derivative derivative_of(Built built) {
  Derivative result;
  Program& program = *built.program;
  if (!built.differentiable.empty()) {
    const Tensor loss = weighted_sum(built);
    const std::vector<Tensor> derived = gradients(loss, built.differentiable);
    for (std::size_t i = 0; i < derived.size(); ++i) {
      const std::string name = program.value(built.differentiable[i].id()).name;
      program.add_output("d " + name, derived[i].id());
      result.wanted.push_back({name, "d " + name});
    }
  }
  for (std::size_t i = 0; i < built.outputs.size(); ++i) {
    result.outputs.push_back("y" + std::to_string(i));
    program.add_output(result.outputs.back(), built.outputs[i].id());
  }
  for (const auto& [name, next] : built.states) program.add_output("next " + name, next.id());
  program.verify();
  result.program = std::move(built.program);
  result.values = std::move(built.values);
  return result;
}

HeldLoss held_loss_of(Built built, const BackendType& reference) {
  const Tensor loss = weighted_sum(built);
  Program& program = *built.program;
  Tensor terms;
  for (std::size_t i = 0; i < built.outputs.size(); ++i) {
    const Tensor weight(program, program.inputs()[*program.find_input("weight of y" + std::to_string(i))]);
    const Tensor own = reduce_sum(abs(built.outputs[i] * weight), {});
    terms = terms.defined() ? terms + own : own;
  }
  const std::vector<ValueId> held = held_back(program);
  if (!held.empty()) {
    Program probe = program;
    for (std::size_t i = 0; i < held.size(); ++i) probe.add_output(held_name(i), held[i]);
    for (const auto& [name, numbers] : ProgramRunner(reference, probe).run(built.values)) built.values[name] = numbers;
    for (std::size_t i = 0; i < held.size(); ++i) program.add_input(held_name(i), program.value(held[i]).type);
  }
  Rewriter rewriter(program);
  rewriter.declare_all_variables();
  std::size_t next = 0;
  for (const Node& node : program.nodes()) {
    const bool stops = node.op->name == "stop_gradient";
    if (!stops && node.op->name != "scale_gradient") {
      rewriter.copy(node);
      continue;
    }
    Program& copy = rewriter.result();
    const Tensor before(copy, copy.inputs()[*copy.find_input(held_name(next++))]);
    if (stops) {
      rewriter.replace(node.outputs[0], before.id());
    } else {
      const double factor = node.attributes.number("factor");
      const Tensor moving(copy, rewriter(node.inputs[0]));
      const Tensor both = affine(moving, factor, 0.0) + affine(before, 1.0 - factor, 0.0);
      rewriter.replace(node.outputs[0], both.id());
    }
  }
  const ValueId loss_copy = rewriter(loss.id());
  const ValueId terms_copy = rewriter(terms.id());
  auto result = std::make_unique<Program>(rewriter.finish());
  result->add_output("loss", loss_copy);
  result->add_output("terms", terms_copy);
  result->verify();
  return {std::move(result), std::move(built.values)};
}

ProgramRunner::ProgramRunner(const BackendType& backend, const Program& program) {
  Parameters defaults;
  for (const ParameterSpec& spec : backend.parameters) {
    if (spec.default_value) defaults.set(spec.name, *spec.default_value);
  }
  session_ = backend.open(defaults);
  executable_ = session_->compile(optimize(program));
}

Numbers ProgramRunner::run(const Numbers& given) {
  const Program& program = executable_->program();
  for (const ValueId id : program.variables()) {
    const Value& variable = program.value(id);
    session_->write_variable(variable.name, to_bytes(variable.type.dtype, given.at(variable.name)));
  }
  for (std::size_t i = 0; i < program.inputs().size(); ++i) {
    const Value& input = program.value(program.inputs()[i]);
    executable_->set_input(i, to_bytes(input.type.dtype, given.at(input.name)));
  }
  executable_->run();
  Numbers outputs;
  for (std::size_t i = 0; i < program.outputs().size(); ++i) {
    const TensorType& type = program.value(program.outputs()[i].value).type;
    std::vector<std::byte> bytes(static_cast<std::size_t>(type.bytes()));
    executable_->get_output(i, bytes);
    outputs[program.outputs()[i].name] = to_numbers(type.dtype, bytes);
  }
  return outputs;
}

}  // namespace generalizer
