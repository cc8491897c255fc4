#pragma once

#include <vector>

#include "generalizer/registry.h"
#include "graph/graph.h"

namespace generalizer {

/// The decoders of a graph with every `ensemble` spelt out: behind a decoder "NAME" its other members, "NAME-2", "NAME-3", …, each with weights and an
/// optimiser of its own. Member k has the hidden widths of the first times 2, 1/2, 3, 1/3, … (at least 1).
///
/// A width is a layer's `units` or `filters`. It is hidden where nothing but layers that take any width lie between it and the layers that read it
/// (dense and convolutions without groups); before a reshape or an addition, and at the decoder's end, it stays. Members of a decoder without hidden
/// widths differ in how their weights begin alone.
/// Not to be asked of decoders that hold such members already.
std::vector<DecoderSpec> with_members(const std::vector<DecoderSpec>& decoders, const std::vector<Player>& players);

/// Reports decoders that are called as a member of another one's ensemble will be.
void check_member_names(const std::vector<DecoderSpec>& decoders, std::vector<Diagnostic>& found);

}  // namespace generalizer
