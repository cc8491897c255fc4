#pragma once

#include "config/read_parts.h"

namespace generalizer {

/// The optimizer of a player's table, whose own keys are `specs`; `whose` is how messages call the player: `decoder "detail"`.
OptimizerSpec read_optimizer(const TomlNode& player, const std::vector<ParameterSpec>& specs,
                             const std::string& whose, const GraphContext& graph);

}  // namespace generalizer
