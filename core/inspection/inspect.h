#pragma once

#include <string>
#include <vector>

#include "inspection/finding.h"
#include "inspection/use.h"

namespace generalizer {

/// Everything that is checked of the types and ops that the plugin `file` (as in its `PluginRecord`) has registered: of a layer its declaration,
/// parameters, shapes, gradients, what each backend makes of it, threads, and a training that is saved and resumed; of losses, optimizers, ops, datasets
/// and backends what of this there is. The registry holds whatever else the plugin is to work with, at least the backend `reference`. The checks refer to
/// the registry, and the training adds a dataset to it. Nothing of the plugin is called before a check is run.
std::vector<Check> checks_of(const std::string& file, Registry& registry, const std::vector<WrittenCase>& cases);

}  // namespace generalizer
