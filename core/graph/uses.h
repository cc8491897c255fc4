#pragma once

#include <vector>

#include "graph/connect.h"
#include "graph/fasten.h"

namespace generalizer {

/// Reports layers whose output nothing takes, and taps that no layer of their decoder takes. Says nothing where what was meant to take them is wrong
/// already: a misspelt tap leaves its true layer without a user.
void check_uses(const GraphSpec& spec, const PlayerDraft& classifier, const std::vector<PlayerDraft>& decoders,
                const std::vector<FasteningDraft>& fastenings, std::vector<Diagnostic>& found);

}  // namespace generalizer
