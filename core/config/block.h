#pragma once

#include <map>
#include <string>
#include <vector>

#include "config/diagnostics.h"
#include "config/document.h"
#include "generalizer/registry.h"

namespace generalizer {

/// A block as it is written, and what may be given to it.
struct Block {
  std::string name;
  const TomlNode* layers = nullptr;          ///< null when they have a mistake that has been reported
  std::map<std::string, TomlNode> defaults;  ///< of the parameters that have one
  std::vector<std::string> parameters;       ///< all, those with a default first
  bool has(const std::string& parameter) const;
};

/// The blocks under [blocks], by name; their layers point into `table`. Mistakes go to `found`. What is called like a layer type is left out.
std::map<std::string, Block> read_blocks(const TomlNode& table, const Registry& registry, Diagnostics& found);

/// `"a", "b"`, or `none`.
std::string listed_in_quotes(const std::vector<std::string>& names);

}  // namespace generalizer
