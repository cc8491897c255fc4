#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "catalogue/example.h"
#include "graph/layer_builder.h"
#include "inspection/checks.h"
#include "inspection/derivative.h"
#include "inspection/variants.h"

namespace generalizer {
namespace {

/// The work of one run that is small enough to be done for a check.
constexpr double kAffordableFlops = 2e8;
constexpr std::int64_t kAffordableNumbers = 1 << 22;

bool affordable(const Built& built) {
  double flops = 0.0;
  for (const Value& value : built.program->values()) {
    // Extents beyond what a machine has must not be multiplied out.
    double numbers = 1.0;
    for (const std::int64_t extent : value.type.shape) numbers *= static_cast<double>(extent);
    if (numbers > static_cast<double>(kAffordableNumbers)) return false;
  }
  for (const Node& node : built.program->nodes()) flops += flops_of(*built.program, node);
  return flops <= kAffordableFlops;
}

std::string problem_of_output(const Built& built) {
  for (const Tensor& output : built.outputs) {
    if (!is_floating(output.dtype())) return std::string("gives ") + name_of(output.dtype()) + " instead of floating numbers";
    const Shape shape = output.shape();
    if (std::any_of(shape.begin(), shape.end(), [](std::int64_t extent) { return extent < 1; }))
      return "gives an impossible shape, " + shape.to_string();
  }
  return {};
}

/// "NaN" or "inf" where the outputs hold one; "" where they are numbers, or too many to try.
std::string bad_number(const Built& built, const BackendType& reference) {
  if (!affordable(built)) return {};
  Program program = *built.program;
  for (std::size_t i = 0; i < built.outputs.size(); ++i)
    program.add_output("y" + std::to_string(i), built.outputs[i].id());
  for (const auto& [name, numbers] : ProgramRunner(reference, program).run(built.values)) {
    const auto bad = std::find_if(numbers.begin(), numbers.end(), [](double x) { return !std::isfinite(x); });
    if (bad != numbers.end()) return std::isnan(*bad) ? "NaN" : "an infinity";
  }
  return {};
}

class Trial {
 public:
  Trial(const std::vector<ParameterSpec>& specs, const Use& use, const BackendType& reference)
      : specs_(specs), use_(use), reference_(reference) {}

  void one(const TriedValue& tried) {
    Parameters parameters;
    try {
      parameters = read_keys(with_key(use_.table, tried), specs_);
    } catch (const GraphError&) {
      ++refused_by_range_;
      return;
    }
    const std::string problem = building(tried, parameters);
    if (!problem.empty()) problems_.push_back(fmt::format("With {} = {} it {}.", tried.key, tried.value, problem));
  }

  Finding finding() const {
    return judged(problems_, fmt::format("{} values: {} built, {} refused by their range, {} by the type",
                                         built_ + refused_by_range_ + refused_by_type_, built_, refused_by_range_,
                                         refused_by_type_));
  }

 private:
  std::string building(const TriedValue& tried, const Parameters& parameters) {
    try {
      const Built built = use_.build(parameters, {});
      ++built_;
      const std::string problem = problem_of_output(built);
      if (!problem.empty() || !tried.end_of_range) return problem;
      const std::string bad = bad_number(built, reference_);
      return bad.empty() ? "" : "is built and gives " + bad + " for ordinary numbers, though its declaration allows this";
    } catch (const PluginFault& fault) {
      return "fails: " + fault.diagnostics().front().message;
    } catch (const Error& refusal) {
      if (std::string(refusal.what()).find("shape rule failed") != std::string::npos)
        return std::string("fails: ") + refusal.what();
      ++refused_by_type_;
      return {};
    } catch (const std::bad_alloc&) {
      return "asks for more memory than there is while it is only being built";
    } catch (const std::exception& error) {
      return std::string("throws what is no Error: ") + error.what();
    }
  }

  const std::vector<ParameterSpec>& specs_;
  const Use& use_;
  const BackendType& reference_;
  std::size_t built_ = 0, refused_by_range_ = 0, refused_by_type_ = 0;
  std::vector<std::string> problems_;
};

}  // namespace

Finding check_parameters(const std::vector<ParameterSpec>& parameters, const Use& use, const BackendType& reference,
                         const Tell& tell) {
  if (parameters.empty()) return passed("it has none");
  Trial trial(parameters, use, reference);
  for (const TriedValue& tried : values_to_try(parameters)) {
    tell("with " + tried.key + " = " + tried.value);
    trial.one(tried);
  }
  return trial.finding();
}

}  // namespace generalizer
