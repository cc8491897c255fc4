#pragma once

#include <optional>
#include <string>
#include <vector>

#include "config/check.h"
#include "config/graph_spec.h"
#include "config/keys.h"

namespace generalizer {

/// Reads a table whose `type` is one of `types`, or the short form that only names it. `noun` is what such a type is called ("schedule"),
/// `label` what messages call the table. A key that another of the types has is told apart from one that none has. Nothing when the type is
/// missing or wrong, which is reported as every other mistake is.
std::optional<TypedSpec> read_own_type(const TomlNode& node, const std::vector<OwnType>& types,
                                       const std::string& noun, const std::string& label,
                                       const TableContext& context);

}  // namespace generalizer
