#pragma once

#include <filesystem>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <string>

namespace generalizer {

/// A figure that a run gives and a sweep averages over seeds.
struct FigureKind {
  enum class Form : bool { plain, share };  ///< share: shown in per cent
  const char* id;                           ///< in sweep.json and table.csv
  const char* head;                         ///< over a column
  Form form;
  bool in_short_table;  ///< the terminal's and the report's table have a column for it
};

/// All of them, in the order of the columns.
std::span<const FigureKind> figure_kinds();
const FigureKind& figure_kind(const std::string& id);

/// What one run came to.
struct RunFigures {
  std::map<std::string, double> values;  ///< by a kind's id; what the run doesn't have is absent
  std::string best_attacker;             ///< the one with the lowest mse; "" without an audit
};

/// The figures of a finished run: from `audit`, as `generalizer audit` wrote it (null without an audit), and from the run's own metrics. `training` is what
/// `train --json` printed, which tells the epoch whose weights are the run's. Figures that are null or missing are left out. Throws `DataError`
/// for a run folder that can't be read.
RunFigures figures_of(const std::filesystem::path& run, const nlohmann::ordered_json& training,
                      const nlohmann::ordered_json& audit);

/// The attacker with the lowest mse, and that mse; none without attackers.
struct BestAttacker {
  std::string name;
  double mse = 0.0;
};
std::optional<BestAttacker> best_attacker_of(const nlohmann::ordered_json& audit);

}  // namespace generalizer
