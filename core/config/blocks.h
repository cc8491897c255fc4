#pragma once

#include "config/diagnostics.h"
#include "config/document.h"
#include "generalizer/registry.h"

namespace generalizer {

/// Puts the layers of `[blocks.NAME]` in the place of every layer of type NAME, and takes `blocks` away. A block's `parameters` hold its parameters with their
/// defaults, `required` names those without one; inside, a string "$filters" stands for the parameter's value. Layers of a block used as "res1" are called
/// "res1/conv1", …; "res1" itself means its last one wherever a layer is named. Inside a block `inputs = ["input"]` is what the block is given
/// ("input2", … for further ones). Mistakes go to `found`; places inside a block say where it is used.
void expand_blocks(TomlNode& root, const Registry& registry, Diagnostics& found);

}  // namespace generalizer
