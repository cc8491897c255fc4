#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "config/block.h"
#include "config/check.h"

namespace generalizer {

/// What a layer without `inputs` takes.
struct Feed {
  std::vector<TomlNode> names;
  bool before = true;  ///< that is what it takes anyhow: the layer before it, or all that comes from outside
};

/// A layer of a block's type.
struct BlockUse {
  std::string name;                        ///< in full
  Feed feed;                               ///< what the block is given
  std::optional<std::int64_t> repeat;      ///< not given: one copy, without a number
  std::map<std::string, TomlNode> common;  ///< freeze, l2, …, for each layer within that has none of its own
  std::map<std::string, TomlNode> values;  ///< of the block's parameters
  bool sound = true;                       ///< false: where its layers lie is unknown
};

/// Reads a use. `feed` is what it takes without `inputs`, `common` what holds around it. Mistakes are reported; a parameter with one has a value that
/// nothing more is said of.
BlockUse read_block_use(const Block& block, const TomlNode& layer, const std::string& name, const Feed& feed,
                        const std::map<std::string, TomlNode>& common, const TableContext& context);

/// The block's layers, values in the place of "$NAME". A string that begins with a plain "$" is written with two.
TomlNode layers_with(const std::map<std::string, TomlNode>& values, const Block& block, Diagnostics& found);

/// What stands in the place of a use whose layers can't be made: a layer whose mistake has been reported.
TomlNode placeholder_for(const TomlNode& layer, const Block& block, const std::string& name);

}  // namespace generalizer
