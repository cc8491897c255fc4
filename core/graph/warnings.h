#pragma once

#include <vector>

#include "config/graph_spec.h"
#include "generalizer/registry.h"

namespace generalizer {

/// What in a sound graph is probably not meant: an activation on the layer that feeds a loss of logits. To be shown, not to stop.
std::vector<Diagnostic> warnings_of(const GraphSpec& spec, const Registry& registry);

}  // namespace generalizer
