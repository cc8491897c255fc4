#include <fmt/format.h>

#include <set>

#include "inspection/checks.h"

namespace generalizer {
namespace {

struct Interface {
  std::string output;  ///< without the batch
  std::string variables;
};

std::string name_of(const Circumstances& c) {
  const char* mode = c.mode == Mode::training ? "training" : c.mode == Mode::evaluation ? "evaluation" : "frozen";
  return fmt::format("a batch of {}, {}, {}", c.batch, mode, generalizer::name_of(c.floating));
}

Interface interface_of(const Built& built) {
  const Shape shape = built.outputs.front().shape();
  Interface result{shape.rank() < 2 ? "1" : Shape(std::vector<std::int64_t>(shape.begin() + 1, shape.end())).to_string(), {}};
  std::set<std::string> variables;  // in whatever order they were asked for
  for (const ValueId id : built.program->variables()) {
    const Value& variable = built.program->value(id);
    if (variable.type.shape.rank() == 0 && !is_floating(variable.type.dtype)) continue;  // the counter that random numbers change with
    variables.insert(variable.name.substr(variable.name.rfind('/') + 1) + " " + variable.type.shape.to_string());
  }
  for (const std::string& variable : variables) result.variables += (result.variables.empty() ? "" : ", ") + variable;
  return result;
}

std::string problem_of(const Built& built, const Circumstances& c) {
  const Tensor& output = built.outputs.front();
  if (output.rank() == 0 || output.dim(0) != c.batch) {
    return fmt::format("its output is {}, whose first extent is not the batch",
                       output.rank() == 0 ? std::string("a scalar") : output.shape().to_string());
  }
  if (output.dtype() != c.floating)
    return fmt::format("its output is {}, not of the input's type", generalizer::name_of(output.dtype()));
  return {};
}

}  // namespace

Finding check_shapes(const std::vector<Use>& uses, const Tell& tell) {
  std::string made;
  for (const Use& use : uses) {
    Interface first;
    for (const Mode mode : {Mode::training, Mode::evaluation, Mode::frozen}) {
      for (const std::int64_t batch : {2, 1, 3}) {
        for (const DType floating : {DType::f64, DType::f32}) {
          const Circumstances c{floating, batch, mode, 1};
          tell("on " + use.text() + ", " + name_of(c));
          Built built;
          try {
            built = use.built(c);
          } catch (const GraphError&) {
            if (batch == 1) continue;  // a layer of statistics over the batch has none of a single image
            throw;
          }
          if (const std::string problem = problem_of(built, c); !problem.empty())
            return failed(fmt::format("On {}, {}: {}.", use.text(), name_of(c), problem));
          const Interface now = interface_of(built);
          if (first.output.empty()) {
            first = now;
            made += (made.empty() ? "" : ", ") + use.operands + " → N×" + now.output;
          }
          if (now.output != first.output || now.variables != first.variables) {
            return failed(fmt::format(
                "On {}, {}: it gives N×{} and asks for {}, where before it gave N×{} and asked for {}. Weights and the shape of one "
                "image's output must not depend on batch, mode or type.",
                use.text(), name_of(c), now.output, now.variables.empty() ? "no weights" : now.variables, first.output,
                first.variables.empty() ? "none" : first.variables));
          }
        }
      }
    }
  }
  return passed(made);
}

}  // namespace generalizer
