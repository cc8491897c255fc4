#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "generalizer/parameter.h"

namespace generalizer {

/// "an integer or a list of 2 integers"
std::string describe_types(const ParameterSpec& spec);
/// "at least 1", "above 0 and at most 1", "one of \"same\", \"valid\""; "" for no limit.
std::string describe_range(const ParameterSpec& spec);
/// A value as it would stand in a graph file.
std::string to_toml_text(const ParameterValue& value);
/// "3", "required", "optional"
std::string describe_default(const ParameterSpec& spec);

nlohmann::ordered_json to_json(const ParameterSpec& spec);

}  // namespace generalizer
