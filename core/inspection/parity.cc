#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <thread>

#include "inspection/checks.h"
#include "inspection/derivative.h"

namespace generalizer {
namespace {

/// The largest difference, relative to the largest element of what is right, at least 1; infinite where one alone is no number.
double error_of(const std::vector<double>& found, const std::vector<double>& right) {
  double largest = 1.0, difference = 0.0;
  for (const double x : right) {
    if (std::isfinite(x)) largest = std::max(largest, std::abs(x));
  }
  for (std::size_t i = 0; i < right.size(); ++i) {
    if (std::isnan(found[i]) && std::isnan(right[i])) continue;
    if (found[i] == right[i]) continue;
    if (!std::isfinite(found[i]) || !std::isfinite(right[i])) return std::numeric_limits<double>::infinity();
    difference = std::max(difference, std::abs(found[i] - right[i]));
  }
  return difference / largest;
}

Numbers run(const Use& use, DType floating, const BackendType& backend, std::uint64_t stream = 1) {
  Circumstances c;
  c.floating = floating;
  c.stream = stream;
  const Derivative derived = derivative_of(use.built(c));
  Numbers numbers = ProgramRunner(backend, *derived.program).run(derived.values);
  if (!use.modes) return numbers;
  c.mode = Mode::evaluation;
  Built evaluated = use.built(c);
  evaluated.differentiable.clear();
  const Derivative forward = derivative_of(std::move(evaluated));
  for (auto& [name, values] : ProgramRunner(backend, *forward.program).run(forward.values)) numbers[name + " in evaluation"] = values;
  return numbers;
}

/// To the bit, NaN being as good as another NaN.
bool same(const Numbers& a, const Numbers& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) {
    return x.first == y.first && std::equal(x.second.begin(), x.second.end(), y.second.begin(), y.second.end(),
                                            [](double u, double v) { return u == v || (std::isnan(u) && std::isnan(v)); });
  });
}

bool computes_in(const BackendReport& report, DType type) {
  return std::find(report.floating_types.begin(), report.floating_types.end(), type) != report.floating_types.end();
}

}  // namespace

Finding check_parity(const std::vector<Use>& uses, const BackendType& backend, const BackendType& reference,
                     const Tell& tell) {
  const BackendReport report = backend.report();
  if (!report.available) return skipped("The backend can't be had here: " + report.reason);
  if (!computes_in(report, DType::f32)) return skipped("The backend does not compute in f32.");
  double worst = 0.0;
  std::size_t tensors = 0;
  for (const Use& use : uses) {
    tell("on " + use.text());
    const Numbers right = run(use, DType::f64, reference);
    const Numbers plain = run(use, DType::f32, reference);
    const Numbers found = backend.name == reference.name ? plain : run(use, DType::f32, backend);
    for (const auto& [name, numbers] : right) {
      const double error = error_of(found.at(name), numbers);
      const double own = error_of(plain.at(name), numbers);
      ++tensors;
      if (error > std::max(1e-5, 4.0 * own)) {
        return failed(fmt::format("On {}: \"{}\" is off by {:.2g} of its largest element; the reference's own f32 by {:.2g}.",
                                  use.text(), name, error, own));
      }
      worst = std::max(worst, error);
    }
  }
  return passed(fmt::format("{} tensors, largest error {:.1e}", tensors, worst));
}

Finding check_threads(const std::vector<Use>& uses, const std::vector<const BackendType*>& backends) {
  constexpr int threads = 4, times = 5;
  const Use& use = smallest(uses);
  for (const BackendType* backend : backends) {
    // Each with numbers of its own, so that what they share by mistake shows.
    std::vector<Numbers> alone;
    for (std::uint64_t t = 0; t < threads; ++t) alone.push_back(run(use, DType::f32, *backend, t + 1));
    std::vector<std::string> problems(threads);
    std::vector<std::thread> running;
    for (int t = 0; t < threads; ++t) {
      running.emplace_back([&, t] {
        try {
          for (int i = 0; i < times && problems[static_cast<std::size_t>(t)].empty(); ++i) {
            if (!same(run(use, DType::f32, *backend, static_cast<std::uint64_t>(t) + 1), alone[static_cast<std::size_t>(t)]))
              problems[static_cast<std::size_t>(t)] = "the numbers differ from those of one thread";
          }
        } catch (const std::exception& error) {
          problems[static_cast<std::size_t>(t)] = error.what();
        } catch (...) {
          problems[static_cast<std::size_t>(t)] = "it threw something that is no std::exception";
        }
      });
    }
    for (std::thread& thread : running) thread.join();
    for (const std::string& problem : problems) {
      if (!problem.empty())
        return failed(fmt::format("On {}, by {}, built and run by {} threads at once: {}.", use.text(), backend->name, threads, problem));
    }
  }
  return passed(fmt::format("{} threads, {} runs each", threads, times));
}

}  // namespace generalizer
