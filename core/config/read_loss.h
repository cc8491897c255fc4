#pragma once

#include <optional>

#include "config/read_parts.h"

namespace generalizer {

/// The loss of a player's table, whose own keys are `specs`: a name, a table, or a list of tables. Nothing when it is absent and optional;
/// no terms when something is wrong with it, which is reported.
/// `whose` is how messages call the player: `decoder "detail"`.
std::optional<LossSpec> read_loss(const TomlNode& player, const std::vector<ParameterSpec>& specs,
                                  const std::string& whose, const GraphContext& graph);

}  // namespace generalizer
