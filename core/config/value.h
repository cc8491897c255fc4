#pragma once

#include <optional>
#include <string>

#include "config/check.h"

namespace generalizer {

/// The value of one key of the table that `context` tells of. Nothing when it is not what its spec wants, which is reported at the value.
std::optional<ParameterValue> read_value(const TomlNode& node, const ParameterSpec& spec,
                                         const TableContext& context);

/// What the key is when `table` doesn't give it, in the form that reading gives; nothing for a required key and for an optional one without a
/// default.
std::optional<ParameterValue> default_value(const ParameterSpec& spec, const TomlNode& table,
                                            const TableContext& context);

/// `path` relative to `folder`, absolute and without "." and ".."; "" stays "".
std::string absolute_path(const std::string& path, const std::string& folder);

/// `rate: How fast.`, or "" for a key without help.
std::string help_of(const ParameterSpec& spec);

}  // namespace generalizer
