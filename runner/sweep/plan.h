#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "sweep/grid.h"

namespace generalizer {

/// What a sweep is to do, as its command line says it. Kept in sweep.json, so that a sweep can go on.
struct SweepPlan {
  std::string folder;  ///< absolute: where the sweep was started, which relative paths are relative to
  std::string graph;   ///< absolute
  std::vector<std::string> sets;
  std::string backend;
  std::vector<std::string> plugin_paths;
  std::vector<Axis> axes;
  std::vector<Combination> cases;
  std::int64_t seeds = 1;
  bool audit = true;
  std::vector<std::string> audit_arguments;
  Combination baseline;  ///< values of those that the others are compared with, see `baselines_of`

  std::vector<Combination> combinations() const { return combinations_of(axes, cases); }
};

/// For each combination the one that it is compared with, an index; none for those that have none. See `baselines_of`.
using Baselines = std::vector<std::optional<std::size_t>>;

nlohmann::ordered_json to_json(const SweepPlan& plan);
/// Throws `DataError` naming `file` when it holds no plan.
SweepPlan plan_from_json(const nlohmann::ordered_json& json, const std::string& file);

/// Throws `UsageError` saying all that differs between the sweep that `out` holds and the one that is asked for: a sweep's runs belong to one table.
void require_same(const SweepPlan& held, const SweepPlan& asked, const std::string& out);

}  // namespace generalizer
