#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "config/names.h"
#include "generalizer/op.h"
#include "inspection/checks.h"
#include "inspection/derivative.h"

namespace generalizer {
namespace {

/// Host memory of one tensor.
class Memory {
 public:
  explicit Memory(TensorType type) : type_(std::move(type)), bytes_(static_cast<std::size_t>(type_.bytes())) {
    std::memset(bytes_.data(), 0xFD, bytes_.size());  // so that an element which a kernel leaves unwritten shows
  }
  HostTensor host() { return {bytes_.data(), type_}; }
  void fill(const std::vector<double>& numbers) {
    dispatch_element(type_.dtype, [&]<class T>(T) {
      for (std::size_t i = 0; i < numbers.size(); ++i) host().as<T>()[i] = converted<T>(numbers[i]);
    });
  }
  std::vector<double> numbers() {
    std::vector<double> result(static_cast<std::size_t>(type_.shape.elements()));
    dispatch_element(type_.dtype, [&]<class T>(T) {
      for (std::size_t i = 0; i < result.size(); ++i) result[i] = static_cast<double>(host().as<T>()[i]);
    });
    return result;
  }

 private:
  TensorType type_;
  std::vector<std::byte> bytes_;
};

/// The results of the program's only node by a kernel.
std::vector<std::vector<double>> run_kernel(const ReferenceKernel& kernel, const Built& built) {
  const Program& program = *built.program;
  const Node& node = program.nodes().front();
  std::vector<Memory> inputs, outputs;
  for (const ValueId id : node.inputs) {
    inputs.emplace_back(program.value(id).type);
    inputs.back().fill(built.values.at(program.value(id).name));
  }
  for (const ValueId id : node.outputs) outputs.emplace_back(program.value(id).type);
  std::vector<HostTensor> from, to;
  for (Memory& memory : inputs) from.push_back(memory.host());
  for (Memory& memory : outputs) to.push_back(memory.host());
  kernel({from, to, node.attributes});
  std::vector<std::vector<double>> results;
  for (Memory& memory : outputs) results.push_back(memory.numbers());
  return results;
}

bool is_name(const std::string& name) { return is_identifier(name) || (name.ends_with("...") && is_identifier(name.substr(0, name.size() - 3))); }

}  // namespace

std::vector<std::string> problems_of_op(const OpDefinition& op) {
  std::vector<std::string> problems;
  if (!is_identifier(op.name)) problems.push_back("The name \"" + op.name + "\" must be letters, digits and \"_\".");
  if (op.summary.empty()) problems.push_back("It has no summary: a sentence with the formula.");
  for (const auto* names : {&op.input_names, &op.output_names}) {
    for (const std::string& name : *names) {
      if (!is_name(name)) problems.push_back("The operand or result \"" + name + "\" has no proper name.");
    }
  }
  if (op.output_names.empty()) problems.push_back("It names no results (output_names).");
  if (!op.infer) problems.push_back("It has no shape rule (infer).");
  if (!op.reference) {
    problems.push_back("It has no reference kernel (reference), by which gradients are checked and which every CPU backend falls back on.");
  }
  for (const auto& [output, input] : op.in_place) {
    if (output >= op.output_names.size() || (input >= op.input_names.size() && !op.input_names.back().ends_with("...")))
      problems.push_back(fmt::format("in_place pairs result {} with operand {}, which it doesn't have.", output, input));
  }
  return problems;
}

Finding check_shape_rule(const OpDefinition& op) {
  const std::vector<Shape> shapes = {{}, {1}, {3}, {2, 3}, {2, 3, 4}, {2, 1, 5, 5}, {2, 3, 4, 5, 6}};
  std::vector<std::string> problems;
  std::size_t taken = 0, refused = 0;
  const std::size_t most = op.input_names.size() + 1;
  for (std::size_t count = 0; count <= most; ++count) {
    for (const Shape& shape : shapes) {
      for (const DType type : {DType::f32, DType::f64, DType::i32, DType::u8}) {
        const std::vector<TensorType> operands(count, TensorType{type, shape});
        // The host refuses a wrong count itself, before the rule is asked.
        const bool any = !op.input_names.empty() && op.input_names.back().ends_with("...");
        if (any ? count + 1 < op.input_names.size() : count != op.input_names.size()) continue;
        const std::string with = fmt::format("On {} operands {}", count, to_string(TensorType{type, shape}));
        try {
          const Attributes none;
          const std::vector<TensorType> results = op.infer({operands, none});
          ++taken;
          if (results.size() != op.output_names.size()) {
            problems.push_back(fmt::format("{} the shape rule gives {} results, and output_names has {}.", with, results.size(),
                                           op.output_names.size()));
          }
        } catch (const Error&) {
          ++refused;
        } catch (const std::exception& error) {
          problems.push_back(fmt::format("{} the shape rule throws what is no Error: {}.", with, error.what()));
        } catch (...) {
          problems.push_back(with + " the shape rule throws something that is no std::exception.");
        }
        if (!problems.empty()) return judged(problems, "");
      }
    }
  }
  return passed(fmt::format("{} kinds of operands taken, {} refused", taken, refused));
}

Finding check_cpu_kernel(const OpDefinition& op, const std::vector<Use>& uses) {
  if (!op.cpu) return skipped("It brings no kernel of its own for CPUs; they run the reference kernel.");
  double worst = 0.0;
  for (const Use& use : uses) {
    for (const DType floating : {DType::f32, DType::f64}) {
      Circumstances c;
      c.floating = floating;
      const Built built = use.built(c);
      const auto right = run_kernel(op.reference, built);
      const auto found = run_kernel(op.cpu, built);
      for (std::size_t k = 0; k < right.size(); ++k) {
        for (std::size_t i = 0; i < right[k].size(); ++i) {
          const double scale = std::max(1.0, std::abs(right[k][i]));
          const double error = std::abs(found[k][i] - right[k][i]) / scale;
          const double allowed = floating == DType::f32 ? 1e-5 : 1e-12;
          if (!(error <= allowed) && !(std::isnan(found[k][i]) && std::isnan(right[k][i]))) {
            return failed(fmt::format("On {} in {}: element {} of \"{}\" is {:.9g} by the kernel for CPUs and {:.9g} by the reference kernel.",
                                      use.text(), name_of(floating), i, op.output_names[k], found[k][i], right[k][i]));
          }
          if (std::isfinite(error)) worst = std::max(worst, error);
        }
      }
    }
  }
  return passed(fmt::format("{} uses in f32 and f64, largest difference {:.1e}", uses.size(), worst));
}

}  // namespace generalizer
