#include <algorithm>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "generalizer/random.h"
#include "inspection/checks.h"
#include "inspection/derivative.h"
#include "inspection/variants.h"

namespace generalizer {
namespace {

constexpr int kElements = 6;  ///< single ones, of each tensor

double norm(const std::vector<double>& v) {
  double squares = 0.0;
  for (const double x : v) squares += x * x;
  return std::sqrt(squares);
}

double dot(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

struct Direction {
  std::vector<double> v;  ///< of length 1
  std::string name;
};

/// Which ways to go from a point: along the gradient, where a wrong factor shows; along made-up directions, where a missing part does; along axes.
std::vector<Direction> directions(const std::string& tensor, const std::vector<double>& gradient, std::uint64_t stream) {
  std::vector<Direction> all;
  const auto add = [&](std::vector<double> v, const std::string& name) {
    const double length = norm(v);
    if (length == 0.0) return;
    for (double& x : v) x /= length;
    all.push_back({std::move(v), name});
  };
  add(gradient, "along it");
  const std::size_t n = gradient.size();
  for (std::uint64_t k = 0; k < 2; ++k) {
    const TensorType type{DType::f64, {static_cast<std::int64_t>(n)}};
    add(made_up(type, tensor + "/direction", mix_streams(stream, k)), "along a made-up direction");
  }
  const Philox random(stream, stream_of(tensor.c_str()));
  const std::size_t count = std::min<std::size_t>(n, kElements);
  for (std::size_t k = 0; k < count; ++k) {
    const std::size_t i = n <= kElements ? k : random.bits(k) % n;
    std::vector<double> axis(n, 0.0);
    axis[i] = 1.0;
    add(std::move(axis), "of its element " + std::to_string(i));
  }
  return all;
}

std::string what_is(const std::string& output) {
  if (output.starts_with("d ")) return "The gradient by \"" + output.substr(2) + "\"";
  if (output.starts_with("next ")) return "The next value of the statistic \"" + output.substr(5) + "\"";
  return "The output";
}

class Comparison {
 public:
  Comparison(const Use& use, const BackendType& reference, std::uint64_t stream) : stream_(stream) {
    Circumstances c;
    c.stream = stream;
    Derivative derived = derivative_of(use.built(c));
    values_ = derived.values;
    wanted_ = derived.wanted;
    results_ = ProgramRunner(reference, *derived.program).run(derived.values);
    HeldLoss held = held_loss_of(use.built(c), reference);
    held_values_ = std::move(held.values);
    loss_.emplace(reference, *held.program);
  }

  /// What is wrong at this point; "" when nothing is.
  std::string problem() {
    for (const auto& [name, numbers] : results_) {
      const auto bad = std::find_if(numbers.begin(), numbers.end(), [](double x) { return !std::isfinite(x); });
      if (bad != numbers.end()) {
        return fmt::format("{} holds {} for ordinary numbers.", what_is(name), *bad);
      }
    }
    for (const Derivative::Wanted& wanted : wanted_) {
      const std::vector<double>& gradient = results_.at(wanted.gradient);
      for (const Direction& direction : directions(wanted.name, gradient, stream_)) {
        ++count_;
        const std::string problem = compare(wanted.name, gradient, direction);
        if (!problem.empty()) return problem;
      }
    }
    return {};
  }
  std::size_t count() const { return count_; }
  std::size_t tensors() const { return wanted_.size(); }

 private:
  struct Sum {
    double loss, terms;
  };
  Sum loss_at(const std::string& name, const Direction& direction, double step) {
    Numbers moved = held_values_;
    std::vector<double>& x = moved.at(name);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] += step * direction.v[i];
    const Numbers result = loss_->run(moved);
    return {result.at("loss")[0], result.at("terms")[0]};
  }

  std::string compare(const std::string& name, const std::vector<double>& gradient, const Direction& direction) {
    const double derived = dot(gradient, direction.v);
    double difference = 0.0;
    for (const double step : {1e-5, 1e-6, 1e-7}) {
      const Sum up = loss_at(name, direction, step);
      const Sum down = loss_at(name, direction, -step);
      difference = (up.loss - down.loss) / (2.0 * step);
      // Rounding of the sum, seen through the step, beside the differences' own error.
      const double rounding = 1e-14 * std::max(1.0, up.terms) / step;
      const double largest = std::max(std::abs(derived), std::abs(difference));
      if (std::abs(derived - difference) <= 1e-5 * largest + rounding) return {};
    }
    return fmt::format("The gradient by \"{}\" {} is {:.7g}, and by differences {:.7g}. Look at the gradient rule of the plugin's own op on the way. A "
                       "gradient that is meant to be another one is built with stop_gradient or scale_gradient, which this check knows.",
                       name, direction.name, derived, difference);
  }

  std::uint64_t stream_;
  Numbers values_, results_, held_values_;
  std::vector<Derivative::Wanted> wanted_;
  std::optional<ProgramRunner> loss_;
  std::size_t count_ = 0;
};

}  // namespace

Finding check_gradients(const std::vector<ParameterSpec>& parameters, const std::vector<Use>& uses,
                        const BackendType& reference, const Tell& tell) {
  std::size_t tensors = 0, comparisons = 0, points = 0;
  std::vector<Use> all = uses;
  for (Use& variant : variants_of(parameters, smallest(uses))) all.push_back(std::move(variant));
  for (const Use& use : all) {
    tell("on " + use.text());
    std::string first;
    // A disagreement at one point alone is a kink that the differences step over.
    for (std::uint64_t stream = 1; stream <= 3; ++stream) {
      Comparison comparison(use, reference, stream);
      const std::string problem = comparison.problem();
      tensors += stream == 1 ? comparison.tensors() : 0;
      comparisons += comparison.count();
      ++points;
      if (problem.empty()) break;
      if (!first.empty()) return failed("On " + use.text() + ": " + problem);
      first = problem;
    }
  }
  if (tensors == 0) return skipped("It has no inputs or weights that a gradient could be asked for.");
  return passed(fmt::format("{} tensors of {} uses, {} differences in f64", tensors, all.size(), comparisons));
}

}  // namespace generalizer
