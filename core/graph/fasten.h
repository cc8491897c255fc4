#pragma once

#include <optional>
#include <vector>

#include "graph/connect.h"

namespace generalizer {

/// Where a decoder is fastened; a place is missing where its name was wrong, or means what is wrong itself.
struct FasteningDraft {
  std::vector<std::optional<Place>> taps;
  std::optional<Place> target;
  bool complete() const;
};

/// Finds each decoder's taps and target among the layers of the classifier and of all decoders. A name means the classifier's layer where there is
/// one of that name, else a decoder's output, else "DECODER/LAYER". Mistakes go to `found`.
std::vector<FasteningDraft> fasten(const GraphSpec& spec, const PlayerDraft& classifier,
                                   const std::vector<PlayerDraft>& drafts, std::vector<Diagnostic>& found);

/// The decoders, each after those that it taps or has as target; the file's order as far as possible. Those that lead back to themselves are left
/// out, and reported with their names.
std::vector<std::size_t> running_order(const std::vector<DecoderSpec>& decoders,
                                       const std::vector<FasteningDraft>& fastenings,
                                       std::vector<Diagnostic>& found);

}  // namespace generalizer
