#include "sweep/statistics.h"

#include <utility>
#include <vector>

#include "catch.h"
#include "sweep/results.h"

using namespace generalizer;

namespace {
#include "golden/student.inc"
}

TEST_CASE("Student's t is SciPy's") {
  for (const auto& [degrees, t] : golden_t) CHECK(student_t(degrees) == Approx(t).epsilon(1e-10));
}

TEST_CASE("mean and 95 % interval are SciPy's") {
  for (const GoldenInterval& golden : golden_intervals) {
    const Estimate e = estimate(golden.values);
    CHECK(e.count == golden.values.size());
    CHECK(e.mean == Approx(golden.mean).epsilon(1e-12));
    CHECK(e.low() == Approx(golden.low).epsilon(1e-9));
    CHECK(e.high() == Approx(golden.high).epsilon(1e-9));
  }
}

TEST_CASE("a single run has no interval, and equal runs have one of no width") {
  CHECK_FALSE(estimate(std::vector{0.9}).half_width.has_value());
  CHECK(estimate(std::vector{0.9}).mean == 0.9);
  CHECK(estimate(std::vector{0.5, 0.5, 0.5}).half_width == Approx(0.0));
}

TEST_CASE("Pareto-optimal is what nothing is as good as in both figures and better in one") {
  using Points = std::vector<std::pair<double, double>>;
  CHECK(pareto_optimal(Points{}) == std::vector<bool>{});
  CHECK(pareto_optimal(Points{{0.9, 0.01}}) == std::vector<bool>{true});
  // The third is worse than the second in both; the fourth equals the first in one and is worse in the other.
  CHECK(pareto_optimal(Points{{0.90, 0.02}, {0.85, 0.05}, {0.84, 0.04}, {0.90, 0.01}}) ==
        std::vector<bool>{true, true, false, false});
  CHECK(pareto_optimal(Points{{0.9, 0.02}, {0.9, 0.02}}) ==
        std::vector<bool>{true, true});  // equal ones don't beat each other
}

TEST_CASE("a table shows an interval with two digits, and shares in per cent") {
  std::map<std::string, Estimate> figures;
  CHECK(format_estimate(figures, figure_kind("test_accuracy")) == "–");
  figures["test_accuracy"] = {3, 0.89412, 0.00312};
  CHECK(format_estimate(figures, figure_kind("test_accuracy")) == "89.41 ± 0.31 %");
  figures["best_attacker_mse"] = {3, 0.0164213, 0.00040};
  CHECK(format_estimate(figures, figure_kind("best_attacker_mse")) == "0.01642 ± 0.00040");
  figures["best_attacker_mse"] = {1, 0.0164213, std::nullopt};
  CHECK(format_estimate(figures, figure_kind("best_attacker_mse")) == "0.01642");
}
