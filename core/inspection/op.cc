#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "config/names.h"
#include "generalizer/op.h"
#include "inspection/checks.h"
#include "inspection/guarded.h"

namespace generalizer {
namespace {

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

Finding check_shape_rule(const OpDefinition& op, const Tell& tell) {
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
        tell("on" + with.substr(2));
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
      const KernelRun right = run_kernel(op.reference, built, std::byte{0xFD});
      const KernelRun found = run_kernel(op.cpu, built, std::byte{0xFD});
      const double allowed = floating == DType::f32 ? 1e-5 : 1e-12;
      for (std::size_t k = 0; k < right.outputs.size(); ++k) {
        // The content of a workspace is a kernel's own.
        if (std::find(op.workspaces.begin(), op.workspaces.end(), k) != op.workspaces.end()) continue;
        const std::vector<double> a = right.outputs[k].numbers(), b = found.outputs[k].numbers();
        double largest = 1.0;
        for (const double x : a) largest = std::isfinite(x) ? std::max(largest, std::abs(x)) : largest;
        for (std::size_t i = 0; i < a.size(); ++i) {
          if (a[i] == b[i] || (std::isnan(a[i]) && std::isnan(b[i]))) continue;
          const double error = std::abs(b[i] - a[i]) / largest;
          if (!(error <= allowed)) {
            return failed(fmt::format("On {} in {}: element {} of \"{}\" is {:.9g} by the kernel for CPUs and {:.9g} by the reference kernel.",
                                      use.text(), name_of(floating), i, op.output_names[k], b[i], a[i]));
          }
          worst = std::max(worst, error);
        }
      }
    }
  }
  return passed(fmt::format("{} uses in f32 and f64, largest difference {:.1e}", uses.size(), worst));
}

}  // namespace generalizer
