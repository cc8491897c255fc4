#pragma once

#include <string>
#include <vector>

#include "config/check.h"
#include "config/graph_spec.h"

namespace generalizer {

/// The keys of [[decoder]] that keep the game between classifier and decoder from running off, or make what it forgets hold against other decoders.
const std::vector<ParameterSpec>& stabiliser_keys();

/// Takes them from the decoder's table, whose sign, target and weight have been read; `values` are its plain keys. Reports those that can't stand
/// together.
void read_stabilisers(const TomlNode& node, const Parameters& values, const TableContext& context,
                      DecoderSpec& decoder);

/// How a graph file calls them.
std::string name_of(Objective objective);
std::string name_of(Bound bound);

}  // namespace generalizer
