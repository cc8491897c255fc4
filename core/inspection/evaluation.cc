#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "inspection/checks.h"
#include "inspection/derivative.h"

namespace generalizer {
namespace {

namespace fs = std::filesystem;

/// Changes the working folder, and back.
class Elsewhere {
 public:
  Elsewhere() : before_(fs::current_path()) { fs::current_path("/"); }
  ~Elsewhere() {
    std::error_code ignored;
    fs::current_path(before_, ignored);
  }
  Elsewhere(const Elsewhere&) = delete;
  Elsewhere& operator=(const Elsewhere&) = delete;

 private:
  fs::path before_;
};

bool draws(const Program& program) {
  return std::any_of(program.nodes().begin(), program.nodes().end(), [](const Node& node) { return node.op->name.starts_with("random_"); });
}

/// What a batch of two gives in evaluation, beside what each of its images gives alone.
class Batch {
 public:
  Batch(const Use& use, const BackendType& reference) : use_(use), reference_(reference) {
    circumstances_.mode = Mode::evaluation;
    Built both = use.built(circumstances_);
    draws_ = draws(*both.program);
    values_ = both.values;
    for (const ValueId id : both.program->inputs()) inputs_.push_back(both.program->value(id).name);
    both_ = outputs(std::move(both), values_);
  }

  std::string problem() const {
    const auto bad = std::find_if(both_.begin(), both_.end(), [](double x) { return !std::isfinite(x); });
    if (bad != both_.end()) return fmt::format("the output holds {} for ordinary numbers, with statistics between 0.5 and 2", *bad);
    if (draws_) return {};  // by the batch's shape
    double largest = 0.0;
    for (const double x : both_) largest = std::max(largest, std::abs(x));
    for (std::size_t image = 0; image < 2; ++image) {
      const std::vector<double> alone = image_alone(image);
      if (alone.empty()) return {};
      for (std::size_t i = 0; i < alone.size(); ++i) {
        const double beside = both_[image * alone.size() + i];
        if (std::abs(alone[i] - beside) > 1e-9 * largest) {
          return fmt::format(
              "element {} of what comes out for an image is {:.7g} beside another image and {:.7g} alone. What an image gives must not hang on "
              "the others of its batch; what a layer has to know of all images is kept in a statistic",
              i, beside, alone[i]);
        }
      }
    }
    return {};
  }

 private:
  std::vector<double> outputs(Built built, const Numbers& values) const {
    built.differentiable.clear();
    const Derivative forward = derivative_of(std::move(built));
    return ProgramRunner(reference_, *forward.program).run(values).at("y0");
  }

  /// Empty for a layer that takes no single image.
  std::vector<double> image_alone(std::size_t image) const {
    Circumstances c = circumstances_;
    c.batch = 1;
    Numbers values = values_;
    for (const std::string& input : inputs_) {
      const std::vector<double>& all = values_.at(input);
      const auto half = static_cast<std::ptrdiff_t>(all.size() / 2);
      const auto begin = all.begin() + half * static_cast<std::ptrdiff_t>(image);
      values[input] = std::vector<double>(begin, begin + half);
    }
    try {
      return outputs(use_.built(c), values);
    } catch (const GraphError&) {
      return {};
    }
  }

  const Use& use_;
  const BackendType& reference_;
  Circumstances circumstances_;
  bool draws_ = false;
  Numbers values_;
  std::vector<std::string> inputs_;
  std::vector<double> both_;
};

}  // namespace

Finding check_elsewhere(const std::vector<Use>& uses) {
  const Use& use = smallest(uses);
  (void)use.built();
  const Elsewhere root;
  try {
    (void)use.built();
  } catch (const Error& error) {
    return failed("On " + use.text() + ": it is built in the folder where test-plugin was started, and not in another. " + text_of(error) +
                  " A file's name must come from a parameter of the type `path`: graph files give it relative to themselves, and a layer sees it whole.");
  }
  return passed("built in another working folder, too");
}

Finding check_evaluation(const std::vector<Use>& uses, const BackendType& reference, const Tell& tell) {
  for (const Use& use : uses) {
    tell("on " + use.text());
    const std::string problem = Batch(use, reference).problem();
    if (!problem.empty()) return failed("On " + use.text() + ", in evaluation: " + problem + ".");
  }
  return passed("an image's output is the same alone and beside others");
}

}  // namespace generalizer
