#pragma once

#include <map>
#include <string>
#include <vector>

#include "sweep/figures.h"
#include "sweep/plan.h"
#include "sweep/statistics.h"

namespace generalizer {

/// One run of a sweep: a combination with a seed.
struct SweepRun {
  enum class State : std::uint8_t { waiting, trained, done, failed };
  std::uint64_t seed = 0;
  std::string folder;  ///< relative to the sweep's
  State state = State::waiting;
  std::string failure = {};  ///< what went wrong, a sentence
  RunFigures figures = {};
};

/// One combination: a row of the table and a point of the curve.
struct SweepRow {
  Combination combination;
  std::vector<SweepRun> runs;
  std::map<std::string, Estimate> figures = {};  ///< over its finished runs, by a kind's id
  bool pareto = false;  ///< no other combination is as good in both of the curve's figures and better in one
};

/// What a sweep came to.
struct SweepResults {
  std::vector<SweepRow> rows;
  std::string
      forgetting;  ///< the figure that tells how little can be recovered: "best_attacker_mse", or without audits "decoder_loss"
};

/// Fills in what follows from the runs: `gap_closed` where the audit had no baseline of its own, the estimates, and which rows are Pareto-optimal.
void summarize(SweepResults& results, const Baselines& baselines, bool audited);

/// Which points no other point dominates, more being better in both: as good in both and better in one. Equal points don't dominate each other.
std::vector<bool> pareto_optimal(const std::vector<std::pair<double, double>>& points);

/// For people: the keys, and the figures with their intervals.
std::string table_text(const SweepResults& results);
/// table.csv: a row a combination; for each figure mean, low and high of the interval.
std::string table_csv(const SweepResults& results);
/// A list, an object a combination.
nlohmann::ordered_json to_json(const SweepResults& results);
/// That list read back: combinations, estimates and which are Pareto-optimal, and of the runs seed, folder, state and failure. Throws `DataError` when it is none.
SweepResults results_from_json(const nlohmann::ordered_json& combinations, const std::string& forgetting);

/// "89.41 ± 0.31 %", "0.01642 ± 0.00040"; without ± for a single run; "–" for none.
std::string format_estimate(const std::map<std::string, Estimate>& figures, const FigureKind& kind);

}  // namespace generalizer
