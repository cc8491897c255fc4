#pragma once

#include <string>
#include <vector>

#include "config/check.h"
#include "config/document.h"
#include "generalizer/registry.h"

namespace generalizer {

/// Puts the layers of `[blocks.NAME]` in the place of every layer of type NAME. A block's `parameters` hold its parameters with their defaults,
/// `required` names those without one; inside, a string "$filters" stands for the parameter's value ("$$" begins a string with a plain "$").
///
/// Layers of a block used as "res1" are called "res1/conv1", …; "res1" itself means its last one wherever a layer is named, in other decoders'
/// taps and targets "DECODER/res1". With `repeat = 3` three copies follow one another, called "res1/1", "res1/2" and "res1/3". Inside a block
/// `inputs = ["input"]` is what the block is given ("input2", … for further ones); a copy's "input" is the copy before it. The use's `freeze`,
/// `learning_rate_factor`, `l1` and `l2` hold for each layer within that has none of its own. A parameter that is called like one of these keys
/// takes its place.
///
/// Mistakes are reported; places inside a block say where it is used. `context` is the graph's.
void expand_blocks(TomlNode& root, const Registry& registry, const TableContext& context);

/// The names of the graph's blocks, as its file has them.
std::vector<std::string> block_names(const TomlNode& root);

}  // namespace generalizer
