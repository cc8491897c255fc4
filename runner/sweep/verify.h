#pragma once

#include <vector>

#include "config/graph_spec.h"
#include "sweep/plan.h"

namespace generalizer {

struct Context;

/// The graph of every combination, checked as `generalizer check` does, before anything runs. Throws `GraphError` with every mistake of all of them,
/// each told once, at the --over, --case or --set that it comes from; `PluginError` and `BackendError` where what they need isn't here.
std::vector<GraphSpec> check_combinations(Context& context, const SweepPlan& plan);

/// What the sweep compares with. For each combination, of those that have the values which the plan's `baseline` names, the one that is most like it; without
/// named values, of those whose decoders have no negative term (weight 0). Only keys of decoders and named ones may differ, and never the data. A
/// baseline itself has none here. Throws `UsageError` when no combination has the named values.
Baselines baselines_of(const SweepPlan& plan, const std::vector<GraphSpec>& specs);

}  // namespace generalizer
